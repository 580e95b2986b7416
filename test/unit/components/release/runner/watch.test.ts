/** How soon a failure is seen. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Fence } from '../../../../../components/release/runner/fence.ts';
import { Watch } from '../../../../../components/release/runner/watch.ts';
import { AT, LABELS } from '../support/cluster.ts';
import { rulesAt } from '../support/scene.ts';

/** Two pods of the candidate, as the API lists them. */
const listing = (ips: readonly string[]): Fence => {
  const items = ips.map((podIP, index) => ({
    metadata: { name: `web-${index}`, annotations: { 'platform/release': 'v2' } },
    status: { podIP, conditions: [{ type: 'Ready', status: 'True' }] },
  }));
  return { get: () => Promise.resolve({ items }) } as unknown as Fence;
};

test('a pod that takes its time holds up nobody else’s failure, and a failure ends the wait for one', async () => {
  const [slow, bad] = [createServer(() => undefined), createServer((_, response) => response.writeHead(500).end())];
  const listen = (server: typeof slow, port: number, ip: string) =>
    new Promise<number>((resolve) => server.listen(port, ip, () => resolve((server.address() as AddressInfo).port)));
  const port = await listen(slow, 0, '127.9.0.1');
  await listen(bad, port, '127.9.0.2');
  const fence = listing(['127.9.0.1', '127.9.0.2']);
  const watch = new Watch({
    ...{ fence, at: AT, rules: rulesAt(port), labels: LABELS, candidate: 'v2' },
    ...{ compared: { comparison: 'none' }, users: true, log: () => undefined },
  });
  const began = Date.now();
  for (;;) {
    await watch.noticed(5000);
    const health = watch.judge().gates.find(({ gate }) => gate === 'health')!;
    if (health.verdict === 'fail') break;
  }
  const took = Date.now() - began;
  watch.stop();
  for (const server of [slow, bad]) server.close().closeAllConnections();
  assert.ok(took < 1000, `seen after ${took} ms; an answer may take 2000`);
});
