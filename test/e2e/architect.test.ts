/**
 * The stack `architect-rehearsal` on the sandbox: `architect-staging`, small. `make test` deploys it; for a single run,
 * `make up STACK=architect-rehearsal` first.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { judged, type Verdict } from '../../components/architect/smoke/checks.ts';
import { Client } from '../../components/architect/smoke/client.ts';
import { smokeTests } from '../../components/architect/smoke/tests.ts';
import type { Deployed } from '../../infra/sandbox/deploy.ts';
import { engineEnv, prepareStack } from '../../infra/sandbox/engine/index.ts';
import { plan } from '../../infra/sandbox/engine/plan.ts';
import { changing } from '../../infra/sandbox/engine/report.ts';
import { CHECKOUT, STATE } from '../../infra/sandbox/host/paths.ts';
import { cutOff } from './support/cut.ts';
import { until } from './support/until.ts';

const NAME = 'architect-api';
const file = process.env.PLATFORM_ARCHITECT ?? join(STATE, 'architect-rehearsal.json');
const { state, kubeconfig, namespace, api } = JSON.parse(readFileSync(file, 'utf8')) as Deployed;

const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const batch = config.makeApiClient(BatchV1Api);

/** B's 20 tests, from this machine, by the way that clients take. */
async function smoke(): Promise<Verdict[]> {
  const { tests, end } = smokeTests({ client: new Client(api), cookie: { secure: true, httpOnly: true } });
  const verdicts = await judged(tests);
  await end().catch(() => undefined);
  return verdicts;
}

const red = async (): Promise<string[]> => (await smoke()).filter(({ passed }) => !passed).map(({ id }) => id);

describe('as B states it', () => {
  test('the Deployment has B’s name, selector, strategy, and a container with B’s port, probes and security', async () => {
    const { spec, metadata, status } = await apps.readNamespacedDeployment({ name: NAME, namespace });
    assert.equal(metadata!.labels!['app'], NAME);
    assert.deepEqual(spec!.selector.matchLabels, { app: NAME });
    assert.deepEqual({ ...spec!.strategy!.rollingUpdate }, { maxSurge: 1, maxUnavailable: 0 });
    assert.equal(status!.readyReplicas, 2);
    const { template } = spec!;
    assert.deepEqual([template.metadata!.labels!['app'], template.metadata!.labels!['environment']], [NAME, 'local']);
    const [container, ...others] = template.spec!.containers;
    assert.deepEqual([container!.name, others.length], [NAME, 0]);
    assert.deepEqual(
      container!.ports!.map(({ name, containerPort }) => [name, containerPort]),
      [['http', 8080]],
    );
    const { livenessProbe, readinessProbe, securityContext } = container!;
    assert.deepEqual([livenessProbe!.httpGet!.path, livenessProbe!.initialDelaySeconds], ['/health', 30]);
    assert.deepEqual([readinessProbe!.httpGet!.path, readinessProbe!.failureThreshold], ['/health', 2]);
    assert.deepEqual([securityContext!.runAsNonRoot, securityContext!.readOnlyRootFilesystem], [true, true]);
  });

  test('the Service is a load balancer’s, 443 called https, and picks by B’s label alone', async () => {
    const { spec } = await core.readNamespacedService({ name: NAME, namespace });
    assert.equal(spec!.type, 'LoadBalancer');
    assert.deepEqual(
      spec!.ports!.map(({ name, port, targetPort }) => [name, port, targetPort]),
      [['https', 443, 'http']],
    );
    assert.deepEqual(spec!.selector, { app: NAME });
  });

  test('29 variables come from the Secret architect-secrets', async () => {
    const { data } = await core.readNamespacedSecret({ name: 'architect-secrets', namespace });
    assert.equal(Object.keys(data!).length, 29);
    const url = Buffer.from(data!['DATABASE_URL']!, 'base64').toString();
    assert.match(url, /@postgres:5432\/architect_staging\?sslmode=disable$/);
  });

  test('a copy was made before the schema was changed, and the schema was proven', async () => {
    const { status } = await batch.readNamespacedJob({ name: 'architect-migrate', namespace });
    assert.equal(status!.succeeded, 1);
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'job-name=architect-migrate' });
    const [pod] = items;
    const steps = pod!.status!.initContainerStatuses!.map(({ name, state: how }) => [name, how!.terminated!.exitCode]);
    assert.deepEqual(steps, [
      ['backup', 0],
      ['migrate', 0],
    ]);
    const log = await core.readNamespacedPodLog({ name: pod!.metadata!.name!, namespace, container: 'backup' });
    assert.match(log, /^pre-deployment-\d{10}: \d tables kept/);
  });

  test('the database has a primary and one replica', async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app.kubernetes.io/name=postgres' });
    assert.equal(items.length, 2);
    const { subsets = [] } = await core.readNamespacedEndpoints({ name: 'postgres-read', namespace });
    assert.equal(subsets.flatMap(({ addresses = [] }) => addresses).length, 1);
  });
});

describe('proven', () => {
  test('/health answers in B’s words, by the way that clients take', async () => {
    const response = await fetch(`${api}/health`);
    assert.equal(response.status, 200);
    const body = (await response.json()) as { status: string; components: object };
    assert.equal(body.status, 'healthy');
    assert.deepEqual(body.components, { database: 'healthy', cache: 'healthy', external_services: 'healthy' });
  });

  test('the update ran the 20 smoke tests inside, and all passed', async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'job-name=smoke' });
    const done = items.find(({ status }) => status!.phase === 'Succeeded');
    const log = await core.readNamespacedPodLog({ name: done!.metadata!.name!, namespace });
    const lines = log.trim().split('\n');
    assert.equal(lines.filter((line) => typeof (JSON.parse(line) as Verdict).id === 'string').length, 20, log);
    assert.deepEqual(JSON.parse(lines.at(-1)!), { passed: 20, failed: [] });
  });

  test('they pass from outside too', async () => {
    assert.deepEqual(await red(), []);
  });

  test('a second preview shows no change', async () => {
    const env = await prepareStack({
      state,
      env: await engineEnv({ state, kubeconfig }),
      stack: 'architect-rehearsal',
    });
    const { plan: planned, failed } = await plan(env, CHECKOUT);
    assert.ok(!failed, JSON.stringify(planned.diagnostics));
    assert.deepEqual(
      changing(planned).map(({ op, urn }) => `${op} ${urn}`),
      [],
    );
  });
});

describe('cut off from Redis', () => {
  const mends: (() => Promise<void>)[] = [];
  before(async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app.kubernetes.io/name=redis' });
    assert.equal(items.length, 3);
    for (const { status } of items) mends.push(await cutOff(state, status!.podIP!));
  });
  const mended = async (): Promise<void> => {
    for (const mend of mends) await mend();
  };
  after(mended);

  test('smoke tests are red, and all are green again once the network is back', async () => {
    const failed = await red();
    for (const id of ['B-SMOKE-1', 'B-SMOKE-17', 'B-SMOKE-18'])
      assert.ok(failed.includes(id), `${id}: ${failed.join()}`);
    await mended();
    await until('all 20 tests pass', async () => (await red()).length === 0, 120_000);
  });
});
