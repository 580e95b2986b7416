import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { ServiceFacts } from '../../../../components/core/index.ts';
import { containerBody } from '../../../../components/rollover/body.ts';
import { COLOURS, colourIn, upstreamText } from '../../../../components/rollover/order.ts';
import { workersIn } from '../../../../components/rollover/proxy.ts';
import { firstOf, pack } from '../../../../components/rollover/tar.ts';

const api = { name: 'web-api', port: 8000 };

test('the proxy’s file leads to one colour by a variable, and says which', () => {
  assert.match(upstreamText(api, 'green'), /^map \$host \$web_api_upstream \{ default "web-api-green:8000"; \}$/m);
  for (const colour of COLOURS) assert.equal(colourIn(api, upstreamText(api, colour)), colour);
  // Another port is still the colour that serves; another service is not.
  assert.equal(colourIn(api, upstreamText({ ...api, port: 9000 }, 'blue')), 'blue');
  assert.equal(colourIn(api, upstreamText({ name: 'other', port: 8000 }, 'blue')), undefined);
  assert.equal(colourIn(api, ''), undefined);
});

test('workers that serve are told from those that only finish', () => {
  const text = [
    '1 nginx: master process nginx -g daemon off; ',
    '29 nginx: worker process is shutting down ',
    '30 nginx: worker process ',
    '31 nginx: worker process',
    '40 sh -c nginx: worker process ',
    '',
  ].join('\n');
  assert.deepEqual(workersIn(text), { serving: [30, 31], leaving: [29] });
});

test('tar reads the archives that are packed, with content and permissions', () => {
  const files = [
    { path: 'etc/a.conf', content: 'grüße\n', permissions: '0444' },
    { path: 'run/b', content: '', permissions: '0600' },
    { path: 'run/c', content: 'x'.repeat(512), permissions: '0755' },
  ];
  const archive = pack(files);
  const listed = execFileSync('tar', ['-tv', '--numeric-owner'], { input: archive, encoding: 'utf8' })
    .trim()
    .split('\n');
  assert.deepEqual(
    listed.map((line) => line.split(/\s+/)).map(([mode, owner, size, , , path]) => [mode, owner, size, path]),
    [
      ['-r--r--r--', '0/0', '8', 'etc/a.conf'],
      ['-rw-------', '0/0', '0', 'run/b'],
      ['-rwxr-xr-x', '0/0', '512', 'run/c'],
    ],
  );
  assert.equal(execFileSync('tar', ['-xO', 'etc/a.conf'], { input: archive, encoding: 'utf8' }), 'grüße\n');
  assert.equal(firstOf(archive), 'grüße\n');
  assert.throws(() => pack([{ path: 'x'.repeat(101), content: '', permissions: '0444' }]), /101 bytes; wanted/);
});

test('the body takes away what a container may not have, and counts in the API’s units', () => {
  const facts = {
    name: 'api',
    image: { reference: 'i:1', uid: 1000 },
    ports: { http: 8000 },
    memory: '64Mi',
    cpu: { request: '100m', limit: '500m' },
    health: { command: ['true'], interval: '1s' },
    settings: { B: '2', A: '1' },
  } satisfies ServiceFacts;
  const known = {
    settings: { B: '3' },
    network: 'n',
    volumes: { '/data': { volume: 'v', readOnly: true } },
    labels: {},
  };
  const { HostConfig, Env, User, Healthcheck } = containerBody({ facts, partOf: 'p' }, known);
  assert.deepEqual([Env, User], [['A=1', 'B=3'], '1000:1000']);
  assert.deepEqual(Healthcheck, {
    ...{ Test: ['CMD', 'true'], Interval: 1e9, Timeout: 5e9, StartPeriod: 30e9, Retries: 3 },
  });
  const { Memory, MemorySwap, NanoCpus, ReadonlyRootfs, CapDrop, CapAdd, SecurityOpt, Binds } = HostConfig;
  assert.deepEqual([Memory, MemorySwap, NanoCpus, Binds], [67_108_864, 67_108_864, 5e8, ['v:/data:ro']]);
  assert.deepEqual([ReadonlyRootfs, CapDrop, CapAdd, SecurityOpt], [true, ['ALL'], [], ['no-new-privileges']]);
});
