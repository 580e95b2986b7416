/** A workload with one Deployment: what a run holds, and what its Service picks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fence } from '../../../../../components/release/runner/fence.ts';
import { paths, pickedOn, sidesOf, type Operation } from '../../../../../components/release/runner/record.ts';
import { pick } from '../../../../../components/release/runner/traffic-service.ts';
import { heldOf, type Traffic } from '../../../../../components/release/runner/traffic.ts';

const ALONE: Traffic = { driver: 'service', alone: true };
const LABELS = { app: 'web' };

test('a run holds the Service and the one Deployment, by the workload’s own name; two sides are two', () => {
  const at = paths('shop', 'web', true);
  assert.deepEqual(heldOf(at, ALONE), [at.service, '/apis/apps/v1/namespaces/shop/deployments/web']);
  const two = paths('shop', 'web');
  assert.deepEqual(heldOf(two, { driver: 'service' }), [two.service, two.blue, two.green]);
  assert.ok(two.blue.endsWith('/web-blue'));
});

test('nothing tells sides apart where there is one', () => {
  assert.deepEqual([sidesOf(true), sidesOf(undefined)], [['blue'], ['blue', 'green']]);
  assert.deepEqual(pickedOn(LABELS, 'blue', true), LABELS);
  assert.deepEqual(pickedOn(LABELS, 'green', false), { ...LABELS, 'platform/side': 'green' });
});

/** What is written to a Service that has this selector. */
async function written(selector: Record<string, string>, traffic: Traffic): Promise<unknown[]> {
  const changes: unknown[] = [];
  const fence = {
    get: () => Promise.resolve({ spec: { selector } }),
    change: (_path: string, [operation]: readonly Operation[]) => Promise.resolve(void changes.push(operation?.value)),
  } as unknown as Fence;
  await pick({ fence, at: paths('shop', 'web', traffic.alone), name: 'web', labels: LABELS, traffic }, 'blue');
  return changes;
}

test('its Service is left as it is, and put back where somebody has changed whom it picks', async () => {
  assert.deepEqual(await written({ app: 'web' }, ALONE), []);
  assert.deepEqual(await written({ app: 'other' }, ALONE), [LABELS]);
  assert.deepEqual(await written({ app: 'web', 'platform/side': 'blue' }, ALONE), [LABELS]);
  assert.deepEqual(await written({ app: 'web' }, { driver: 'service' }), [{ app: 'web', 'platform/side': 'blue' }]);
});
