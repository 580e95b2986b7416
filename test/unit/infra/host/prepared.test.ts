import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostScript, PreparedHost, type PreparedHostArgs } from '../../../../infra/host/index.ts';
import { named, planned } from '../../support/mocks.ts';

const ARGS: PreparedHostArgs = {
  host: { address: 'ssh://ubuntu@203.0.113.20', ssh: { knownHosts: '/etc/ssh/known' } },
  settings: { name: 'tria-aibpo', firewall: { sshFrom: ['203.0.113.7/32'] } },
};

const plan = (change: Partial<PreparedHostArgs> = {}) =>
  planned(() => new PreparedHost('server', { ...ARGS, ...change }, {}));

test('an existing server is given the very script that user data hold, and a preview shows it', async () => {
  const { type, inputs } = named(await plan(), 'server-preparation');
  assert.equal(type, 'pulumi-nodejs:dynamic/host:Preparation');
  assert.equal(inputs['script'], hostScript(ARGS.settings));
  assert.deepEqual(inputs['host'], ARGS.host);
});

test('its code stays out of the state: the shell names the module that runs', async () => {
  const { inputs } = named(await plan(), 'server-preparation');
  assert.match(inputs['__provider'] as string, /"infra\/host\/run\.ts"/);
});

test('this machine is never prepared', () =>
  assert.rejects(
    plan({ host: { address: 'unix:///run/docker.sock' } }),
    /PreparedHostArgs\.host\.address: found "unix:.*this machine itself is not prepared/,
  ));

test('a server whose key is not known beforehand is refused', () =>
  assert.rejects(plan({ host: { address: 'ssh://ubuntu@203.0.113.20' } }), /known_hosts file/));
