/**
 * Every object of every stack is accepted by a real API server, strictly and without a warning; every pod template by the
 * namespace it is for; and all of it by the OpenAPI of a second Kubernetes version.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { after, before, describe as group, test } from 'node:test';
import { crdObjects, type CrdSet } from '../../infra/addons/index.ts';
import { openApiOf } from '../../infra/sandbox/build/openapi.ts';
import { down, up } from '../../infra/sandbox/instance.ts';
import { describe, manifestsIn, plannedResources, podTemplate, type Manifest } from '../engine/support/planned.ts';
import { clusterStacks } from '../engine/support/stacks.ts';
import { EXPLAINED } from './support/manifests/explained.ts';
import { asBarePod, GROUND } from './support/manifests/pods.ts';
import { Schemas } from './support/manifests/schemas.ts';
import { ApiServer, type Answer } from './support/manifests/server.ts';

/** The next minor version after the sandbox's: what a cluster is upgraded to. */
const SECOND = '1.35.2';

const SETS: readonly CrdSet[] = [
  'aws-load-balancer-controller',
  ...(['cert-manager', 'external-secrets', 'gateway-api', 'keda', 'prometheus-operator', 'vpa'] as const),
];
const definitions: Manifest[] = SETS.flatMap((set) => crdObjects(set) as unknown as Manifest[]);

const state = mkdtempSync('/var/tmp/platform-manifests-');
let server: ApiServer;
let schemas: Schemas;
/** The objects of each stack, planned once. */
const objects = new Map<string, Manifest[]>();
const explained = new Set<unknown>();

before(async () => {
  const [instance, openApi] = await Promise.all([up({ state }), openApiOf(SECOND)]);
  server = new ApiServer(instance.kubeconfig);
  await server.define(definitions);
  schemas = new Schemas(openApi, definitions);
});
after(async () => {
  server.close();
  await down(state);
});

/** What is wrong with the answer about an object, in one line each. */
function complaints(object: Manifest, { status, body, warnings }: Answer): string[] {
  const what = describe(object);
  const unexplained = warnings.filter((warning) => {
    const reason = EXPLAINED.find((one) => one.object.test(what) && one.warning.test(warning));
    if (reason !== undefined) explained.add(reason);
    return reason === undefined;
  });
  return [
    ...(status >= 200 && status < 300 ? [] : [`${what}: ${status} ${String(body.message)}`]),
    ...unexplained.map((warning) => `${what}: warning: ${warning}`),
  ];
}

const of = (stack: string): Manifest[] => objects.get(stack)!;

/** A stack may bring definitions of kinds itself. They are the same as those above, or the cluster says so. */
const planned = async (stack: string): Promise<void> => {
  objects.set(stack, manifestsIn(await plannedResources(stack)));
};

for (const stack of clusterStacks()) {
  group(stack, () => {
    before(() => planned(stack));
    // Each stack is for a cluster of its own: another one's class of that name has another key, which cannot be changed.
    after(() => Promise.all(of(stack).flatMap((one) => (one.kind === 'StorageClass' ? [server.remove(one)] : []))));

    test(`every object of ${stack} passes the server-side dry run, strictly and without a warning`, async () => {
      const found: string[] = [];
      // What others need to be there: tried like all, and then made for real.
      const ordered = GROUND.flatMap((kind) => of(stack).filter((object) => object.kind === kind));
      for (const object of ordered) {
        found.push(...complaints(object, await server.dryRun(object)));
        await server.create(object);
      }
      const others = of(stack).filter(({ kind }) => !GROUND.includes(kind));
      const answers = await Promise.all(others.map((object) => server.dryRun(object)));
      found.push(...others.flatMap((object, at) => complaints(object, answers[at]!)));
      console.log(`    ${of(stack).length} objects, ${found.length} complaints`);
      assert.ok(of(stack).length > 30);
      assert.deepEqual(found, []);
    });

    test(`every pod template of ${stack} is let into its namespace as a bare pod`, async () => {
      const pods = of(stack).flatMap((object) => (podTemplate(object) ? [asBarePod(object)] : []));
      const answers = await Promise.all(pods.map((pod) => server.dryRun(pod)));
      console.log(`    ${pods.length} pods`);
      assert.ok(pods.length >= 5);
      assert.deepEqual(
        pods.flatMap((pod, at) => complaints(pod, answers[at]!)),
        [],
      );
    });

    test(`every object of ${stack} is known to Kubernetes ${SECOND}, field by field`, () => {
      assert.ok(schemas.size > 200, `${schemas.size} kinds`);
      const pods = of(stack).flatMap((object) => (podTemplate(object) ? [asBarePod(object)] : []));
      const found = [...of(stack), ...pods].flatMap((object) =>
        schemas.problems(object).map((problem) => `${describe(object)}: ${problem}`),
      );
      assert.deepEqual(found, []);
    });
  });
}

test('every explained warning is still given', () => {
  const stale = EXPLAINED.filter((entry) => !explained.has(entry)).map(({ object, warning }) => `${object} ${warning}`);
  assert.deepEqual(stale, []);
});

group('what is planted is found', () => {
  const api = (): Manifest => structuredClone(of('production').find(({ kind }) => kind === 'Deployment')!);
  const container = (pod: Manifest) => pod.spec.containers[0];

  test('an unknown field, by the server and by the second version', async () => {
    const planted = api();
    planted.spec.template.spec.containers[0].imagePullPolice = 'Always';
    const { status, body } = await server.dryRun(planted);
    assert.equal(status, 400);
    assert.match(String(body.message), /unknown field "spec\.template\.spec\.containers\[0\]\.imagePullPolice"/);
    assert.deepEqual(schemas.problems(planted), ['.spec.template.spec.containers[0].imagePullPolice: unknown field']);
  });

  test('a quantity that is none, by the server and by the second version', async () => {
    const planted = api();
    planted.spec.template.spec.containers[0].resources.limits.memory = '1 Gi';
    const { status, body } = await server.dryRun(planted);
    assert.equal(status, 400);
    assert.match(String(body.message), /quantities must match/);
    assert.ok(
      schemas.problems(planted).some((one) => one.startsWith('.spec.template.spec.containers[0].resources.limits')),
    );
  });

  test('a privileged pod: its template is warned of, the pod itself refused', async () => {
    const planted = api();
    planted.spec.template.spec.containers[0].securityContext.privileged = true;
    planted.spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation = true;
    const template = await server.dryRun(planted);
    assert.equal(template.status, 201);
    assert.match(template.warnings.join(' '), /would violate PodSecurity "restricted:v\d/);
    assert.equal(complaints(planted, template).length, 1);
    const pod = asBarePod(planted);
    assert.equal(container(pod).securityContext.privileged, true);
    const bare = await server.dryRun(pod);
    assert.equal(bare.status, 403);
    assert.match(String(bare.body.message), /violates PodSecurity "restricted:v\d/);
  });

  test('an object of a kind that the second version does not have, or that nobody has', async () => {
    const gone: Manifest = { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata: { name: 'gone' } };
    assert.deepEqual(schemas.problems(gone), ['policy/v1beta1 PodSecurityPolicy: no such kind']);
    await assert.rejects(server.dryRun(gone), /knows no PodSecurityPolicy/);
  });

  test('an unknown field of an added kind', async () => {
    const metadata = { name: 'planted', namespace: 'default' };
    const spec = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' }, updatePolice: {} };
    const planted = { apiVersion: 'autoscaling.k8s.io/v1', kind: 'VerticalPodAutoscaler', metadata, spec };
    assert.match(String((await server.dryRun(planted)).body.message), /unknown field "spec\.updatePolice"/);
    assert.deepEqual(schemas.problems(planted), ['.spec.updatePolice: unknown field']);
  });
});

test('nothing but what was made on purpose is in the cluster: a dry run keeps nothing', async () => {
  const { body } = await server.ask('GET', '/apis/apps/v1/deployments');
  const ours = (body.items as Manifest[]).filter(
    ({ metadata }) => !metadata.namespace!.startsWith('kube-') && metadata.namespace !== 'local-path-storage',
  );
  assert.deepEqual(ours.map(describe), []);
});
