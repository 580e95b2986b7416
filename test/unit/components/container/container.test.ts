import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import type { ContainerArgs } from '../../../../components/container/index.ts';
import { Container } from '../../../../components/container/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';

const args = (more: Partial<ContainerArgs> = {}): ContainerArgs => ({
  ...{
    host: { address: 'unix:///run/docker.sock' },
    partOf: 'trial',
    networks: [{ network: 'n', aliases: ['z', 'a'] }],
  },
  facts: {
    ...{ name: 'api', image: { reference: 'example.com/api:1', uid: 1000 }, ports: { http: 8000 } },
    ...{ cpu: { request: '100m', limit: '1' }, memory: '64Mi', health: { command: ['true'] } },
    settings: { B: '2', A: '1' },
  },
  ...more,
});

const plan = (more: Partial<ContainerArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new Container('trial', args(more), {}));

async function inputs(more: Partial<ContainerArgs> = {}): Promise<Readonly<Record<string, unknown>>> {
  const made = (await plan(more)).find(({ type }) => type === 'docker:index/container:Container');
  return made!.inputs;
}

const subjectOf = async (more: Partial<ContainerArgs> = {}): Promise<string> => {
  const labels = (await inputs(more))['labels'] as { label: string; value: string }[];
  return labels.find(({ label }) => label === 'platform/subject')!.value;
};

test('a container has nothing that it does not need', async () => {
  const { capabilities, securityOpts, readOnly, memory, memorySwap, user, ports, logOpts } = await inputs();
  assert.deepEqual(capabilities, { drops: ['ALL'], adds: [] });
  assert.deepEqual([securityOpts, readOnly, user, ports], [['no-new-privileges'], true, '1000:1000', []]);
  assert.deepEqual([memory, memorySwap], [64, 64]);
  assert.deepEqual(logOpts, { 'max-size': '10m', 'max-file': '3' });
});

test('it may end by itself, and its name is free before it is had again', async () => {
  const { destroyGraceSeconds, stopTimeout } = await inputs();
  assert.deepEqual([destroyGraceSeconds, stopTimeout], [30, 30]);
});

test('the order of keys changes nothing', async () => {
  const settings = { D: '4', C: '3' };
  const other = await inputs({ settings: Object.fromEntries(Object.entries(settings).toReversed()) });
  assert.deepEqual(other, await inputs({ settings }));
  assert.deepEqual(other['envs'], ['A=1', 'B=2', 'C=3', 'D=4']);
});

test('the gate judges what the label says', async () => {
  const made = await plan();
  const { subject, container } = named(made, 'trial-healthy').inputs;
  assert.deepEqual([subject, container], [await subjectOf(), 'api']);
});

test('its digest moves with what it is made of, secrets too, and a secret is in no plain input', async () => {
  const key = { fingerprintKey: 'key' };
  const subjects = [await subjectOf(key)];
  for (const more of [
    { secrets: { TOKEN: pulumi.secret('hunter2') } },
    { secrets: { TOKEN: pulumi.secret('hunter3') } },
    { settings: { A: 'x' } },
    { files: { '/etc/a': { content: 'a' } } },
    { files: { '/etc/a': { content: pulumi.secret('a'), secret: true } } },
  ]) {
    subjects.push(await subjectOf({ ...key, ...more }));
  }
  assert.equal(new Set(subjects).size, subjects.length);
  const { envs, ...rest } = await inputs({ ...key, secrets: { TOKEN: pulumi.secret('hunter2') } });
  assert.match(JSON.stringify(envs), /4dabf18193072939515e22adb298388d.*TOKEN=hunter2/);
  assert.doesNotMatch(JSON.stringify(rest), /hunter2/);
});

for (const [what, more, message] of [
  ['no network', { networks: [] }, /networks: found none/],
  ['a port that the service has not', { publish: [{ port: 'x', host: 1, bind: '127.0.0.1' }] }, /publish\[0\]\.port/],
  ['a port beyond the last', { publish: [{ port: 'http', host: 70_000, bind: '127.0.0.1' }] }, /publish\[0\]\.host/],
  ['a name for an address', { publish: [{ port: 'http', host: 80, bind: 'localhost' }] }, /publish\[0\]\.bind/],
  [
    'two bindings of one port',
    { publish: [80, 81].map((host) => ({ port: 'http', host, bind: '127.0.0.1' })) },
    /publish: found a port twice: 8000, 8000/,
  ],
  ['files in a read-only root', { files: { '/a': { content: '' } }, readOnlyRoot: true }, /readOnlyRoot: found true/],
  ['a path that climbs', { volumes: { '/data/../etc': { volume: 'v' } } }, /absolute path/],
  ['a secret without a key', { secrets: { A: 'x' } }, /fingerprintKey/],
  ['a secret that is a setting too', { secrets: { A: 'x' }, fingerprintKey: 'k' }, /secrets\.A/],
  ['a capability with its prefix', { capabilities: ['CAP_CHOWN'] }, /capabilities: found "CAP_CHOWN"/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(plan(more), message);
  });
}
