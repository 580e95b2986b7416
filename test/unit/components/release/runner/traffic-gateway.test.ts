/** An HTTPRoute divides: what is written to it, and when it counts as taken. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fence } from '../../../../../components/release/runner/fence.ts';
import {
  gatewayRoute,
  unaccepted,
  weighed,
  type Route,
} from '../../../../../components/release/runner/traffic-gateway.ts';
import { objectsOf } from '../../../../../components/release/runner/traffic.ts';
import { AT, LABELS } from '../support/cluster.ts';
import { closeAll, Scene } from '../support/scene.ts';

after(closeAll);

const PATH = `${AT.routes}/web-split`;
const traffic = { driver: 'gateway', route: 'web-split' } as const;

const condition = (type: string, status = 'True', observedGeneration = 3) => ({ type, status, observedGeneration });
const route = (...parents: object[]): Route => ({
  metadata: { generation: 3 },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: 'web-blue', weight: 100 },
          { name: 'web-green', weight: 0 },
        ],
      },
    ],
  },
  status: { parents: parents },
});
const TAKEN = { conditions: [condition('Accepted'), condition('ResolvedRefs')] };

async function driven(first = route(TAKEN)) {
  const scene = await Scene.installed();
  scene.cluster.objects.set(PATH, structuredClone(first));
  scene.cluster.edit(PATH, ({ metadata }) => (metadata.annotations = {}));
  const options = { log: () => undefined, pause: 5 };
  const { fence } = await Fence.claim(scene.kube, AT, objectsOf(AT, traffic), options);
  const driver = gatewayRoute({ fence, at: AT, name: 'web', labels: LABELS, traffic }, 'web-split', 5);
  const has = (): number[] =>
    scene.cluster.objects.get(PATH)!['spec'].rules[0].backendRefs.map((one: any) => one.weight);
  return { scene, driver, has };
}

test('a share becomes the weights of both sides, under the fence; the Service follows at 100', async () => {
  const { scene, driver, has } = await driven();
  await driver.share('green', 10);
  assert.deepEqual([has(), scene.cluster.traffic], [[90, 10], 'blue']);
  assert.equal(scene.cluster.writes.at(-1)!.operations[0]!.op, 'test');
  assert.equal(await driver.missing('green', 10), undefined);
  await driver.share('green', 100);
  assert.deepEqual([has(), scene.cluster.traffic], [[0, 100], 'green']);
  assert.match((await driver.missing('green', 50))!, /the HTTPRoute gives 0 % to blue/);
});

test('other backends of the route are left alone, and every rule is divided', () => {
  const backends = [{ name: 'else' }, { name: 'web-green' }, { name: 'web-blue' }];
  const found = { ...route(), spec: { rules: [{ backendRefs: backends }, {}, { backendRefs: backends }] } };
  assert.deepEqual(
    weighed(found, 'web', 'blue', 30).map(({ path, value }) => [path, value]),
    [
      ['/spec/rules/0/backendRefs/1/weight', 70],
      ['/spec/rules/0/backendRefs/2/weight', 30],
      ['/spec/rules/2/backendRefs/1/weight', 70],
      ['/spec/rules/2/backendRefs/2/weight', 30],
    ],
  );
});

test('it counts as taken once every Gateway has said so about what stands there now', () => {
  assert.equal(unaccepted(route(TAKEN, TAKEN)), undefined);
  assert.match(unaccepted(route())!, /no Gateway has taken the route/);
  const old = { conditions: [condition('Accepted', 'True', 2), condition('ResolvedRefs')] };
  assert.match(unaccepted(route(TAKEN, old))!, /has not looked at the route yet \(Accepted\)/);
  const refused = { conditions: [condition('Accepted'), condition('ResolvedRefs', 'False')] };
  assert.match(unaccepted(route(refused))!, /a Gateway says ResolvedRefs=False/);
});

test('a route that does not lead to both sides is trouble before anything is begun', async () => {
  const { driver } = await driven({ ...route(TAKEN), spec: { rules: [{ backendRefs: [{ name: 'web-blue' }] }] } });
  assert.match((await driver.trouble())!, /does not lead to web-blue and web-green/);
});
