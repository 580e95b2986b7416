import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../../stacks/config/load.ts';
import { changed, groupsOf, rawOf, type Groups } from '../../support/raw.ts';

const staging = (): Groups => groupsOf('tria-staging');
const refused = (groups: Groups, texts: Record<string, string> = {}): string => {
  try {
    parse(rawOf(groups, texts, Object.keys(texts)), 'it', 'tria');
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('the stack’s own file is accepted', () => assert.equal(refused(staging()), ''));

test('a host is of one kind, and a remote one is believed by its key', () => {
  assert.match(
    refused(changed(staging(), 'host.kind', 'existing')),
    /host: found host\.ec2; wanted host\.existing alone/,
  );
  assert.match(
    refused(changed(staging(), 'host.ssh', undefined)),
    /host\.ssh: found nothing; wanted host\.ssh\.knownHosts/,
  );
  assert.match(refused(changed(staging(), 'network.sshFrom', [])), /network\.sshFrom: found nobody/);
});

test('nobody but some may reach SSH, the backend and the figures', () => {
  for (const door of ['sshFrom', 'backendFrom', 'metricsFrom']) {
    const open = changed(staging(), `network.${door}`, ['0.0.0.0/0']);
    assert.match(refused(open), new RegExp(`network\\.${door}: .*no wider than a`));
  }
});

test('a profile has its parts and no others, and a way to the backend', () => {
  const three = changed(staging(), 'stack.profile', 'backend-only');
  assert.match(refused(three), /nginx: found a group; wanted none while stack\.profile is "backend-only"/);
  assert.match(refused(changed(staging(), 'nginx', undefined)), /nginx: found nothing; wanted a group/);
  const shut = {
    ...three,
    nginx: undefined!,
    frontend: undefined!,
    network: { ...three['network'], publishBackend: false },
  };
  assert.match(
    refused(shut),
    /network\.publishBackend: found false; wanted true while stack\.profile is "backend-only"/,
  );
});

test('Redis’ memory for data leaves room, and a load needs figures', () => {
  assert.match(refused(changed(staging(), 'redis.maxMemory', '700mb')), /redis\.maxMemory: .*three quarters/);
  assert.match(refused(changed(staging(), 'backend.metrics', false)), /proof\.sustained: .*backend\.metrics is off/);
});

test('an account at OpenAI needs its key, and one at Xero all four', () => {
  const on = changed(staging(), 'backend.openai.access', 'on');
  assert.match(refused(on), /backend\.openai\.access: found "on"; wanted "off" while openaiApiKey is not set/);
  assert.equal(refused(on, { 'platform:openaiApiKey': 'sk-something' }), '');
  assert.match(refused(staging(), { 'platform:xeroClientId': 'a' }), /xeroClientSecret: .*all four or none/);
});

test('TLS needs certificate and key, these a name, and its port is nobody else’s', () => {
  const secured = (port = 443) => changed(staging(), 'nginx.tls', { host: 'chat.example.com', port });
  const pem = '-----BEGIN SOME THING-----\na b\nc\n-----END SOME THING-----\n';
  const given = { 'platform:tlsCertificate': pem, 'platform:tlsKey': pem };
  assert.equal(refused(secured(), given), '');
  assert.equal(refused(secured(), { ...given, 'platform:tlsKey': pem.replaceAll('\n', '\r\n') }), '');
  assert.match(refused(secured()), /nginx\.tls: .*none while tlsCertificate and tlsKey are not set/);
  assert.match(refused(secured(), { 'platform:tlsCertificate': pem }), /none while tlsKey is not set/);
  assert.match(refused(staging(), given), /tlsCertificate: .*set nginx\.tls\.host, or take both away/s);
  assert.match(
    refused(secured(), { ...given, 'platform:tlsKey': 'KEY' }),
    /tlsKey: found a secret that is no PEM; wanted text that begins with "-----BEGIN ".*tlsKey < FILE/s,
  );
  assert.match(
    refused(secured(8003), given),
    /nginx\.tls\.port: found 8003; wanted a port of its own: the backend has/,
  );
  assert.match(
    refused(secured(80), given),
    /nginx\.tls\.port: found 80; wanted a port of its own: nginx\.port has that one/,
  );
});

for (const [path, port, by] of [
  ['nginx.port', 8003, 'the backend'],
  ['nginx.port', 5433, 'postgres.port'],
  ['nginx.port', 22, 'SSH'],
  ['nginx.port', 9100, 'node_exporter'],
  ['postgres.port', 8003, 'the backend'],
] as const) {
  test(`${path} of ${port} is refused before Docker finds that ${by} has it`, () => {
    const wanted = `${path}: found ${port}; wanted a port of its own: ${by} has that one`;
    assert.ok(refused(changed(staging(), path, port)).includes(wanted));
  });
}

test('a port that nobody has is taken', () => {
  assert.equal(refused(changed(staging(), 'nginx.port', 8080)), '');
  const unpublished = changed(changed(staging(), 'network.publishBackend', false), 'network.backendFrom', []);
  assert.equal(refused(changed(unpublished, 'nginx.port', 8003)), '');
});

test('a network that is named twice is refused, not left to the engine', () => {
  const twice = changed(staging(), 'network.sshFrom', ['203.0.113.10/32', '203.0.113.10/32']);
  assert.match(refused(twice), /network\.sshFrom: found .*; wanted a list, each an IPv4 network .*none twice/);
});
