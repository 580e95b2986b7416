import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Rollover, type RolloverArgs } from '../../../../components/rollover/index.ts';
import { named, planned } from '../../support/mocks.ts';

const args = (more: Partial<RolloverArgs> = {}): RolloverArgs => ({
  ...{ host: { address: 'unix:///run/docker.sock' }, partOf: 'trial', port: 'http', networks: ['front', 'back'] },
  facts: {
    ...{ name: 'api', image: { reference: 'example.com/api:1', uid: 1000 }, ports: { http: 8000 } },
    ...{ cpu: { request: '100m', limit: '1' }, memory: '64Mi', health: { command: ['true'] } },
  },
  proxy: { container: 'proxy', volume: 'upstreams' },
  secrets: { TOKEN: pulumi.secret('hunter2') },
  fingerprintKey: 'key',
  ...more,
});

async function order(more: Partial<RolloverArgs> = {}): Promise<Readonly<Record<string, unknown>>> {
  const made = await planned(() => new Rollover('trial', args(more), {}));
  return named(made, 'trial-live').inputs;
}

test('the version’s digest moves with image, settings and secrets, and stands in the label', async () => {
  const { subject, body } = await order();
  assert.match(String(subject), /^[0-9a-f]{12}$/);
  assert.equal((body as { Labels: Record<string, string> }).Labels['platform/subject'], subject);
  assert.equal((await order()).subject, subject);
  const others: Partial<RolloverArgs>[] = [
    { secrets: { TOKEN: pulumi.secret('hunter3') } },
    { settings: { A: 'b' } },
    { facts: { ...args().facts, image: { reference: 'example.com/api:2', uid: 1000 } } },
    { files: { '/etc/a': { content: 'a' } } },
    { files: { '/etc/a': { content: pulumi.secret('a'), secret: true } } },
  ];
  const subjects = [subject];
  for (const other of others) subjects.push((await order(other)).subject);
  assert.equal(new Set(subjects).size, subjects.length);
});

test('how patient it is does not move the digest', async () => {
  assert.equal((await order({ patience: { watch: '1h' } })).subject, (await order()).subject);
});

test('the secrets are sealed, and nowhere else', async () => {
  const { sealed, ...rest } = await order();
  assert.match(JSON.stringify(sealed), /4dabf18193072939515e22adb298388d.*hunter2/);
  assert.doesNotMatch(JSON.stringify(rest), /hunter2/);
});

for (const [what, more, message] of [
  ['a port that the service has not', { port: 'https' }, /port: found "https"; wanted one of http/],
  ['no health check', { facts: { ...args().facts, health: undefined } }, /facts\.health/],
  ['no network', { networks: [] }, /networks: found none/],
  ['secrets without a key', { fingerprintKey: undefined }, /fingerprintKey/],
  ['patience that is no duration', { patience: { watch: '5' } }, /patience\.watch/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(order(more as unknown as Partial<RolloverArgs>), message);
  });
}
