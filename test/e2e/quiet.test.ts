/** A preview of the deployed rehearsal plans nothing, also after others have done their part: the autoscaler, cert-manager. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { AppsV1Api, AutoscalingV2Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { dump, load } from 'js-yaml';
import { changing } from '../../infra/sandbox/engine/report.ts';
import { engineEnv, prepareStack } from '../../infra/sandbox/engine/index.ts';
import { plan } from '../../infra/sandbox/engine/plan.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const { state, kubeconfig, namespace } = rehearsal;
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const scaling = config.makeApiClient(AutoscalingV2Api);

let env: Record<string, string>;
before(async () => {
  env = await prepareStack({ state, env: await engineEnv({ state, kubeconfig }), stack: 'rehearsal' });
});

/** What an update would do now. */
async function changes(by: Record<string, string> = env): Promise<string[]> {
  const { plan: planned, failed } = await plan(by, CHECKOUT);
  const errors = (planned.diagnostics ?? []).filter(({ severity }) => severity === 'error');
  assert.ok(!failed, errors.map(({ message }) => message).join('\n'));
  return changing(planned).map(({ op, urn, detailedDiff }) => {
    const paths = Object.keys(detailedDiff ?? {}).join(' ');
    return `${op} ${urn.split('::').at(-1)!} ${paths}`;
  });
}

test('a preview right after the update shows no change', async () => {
  assert.deepEqual(await changes(), []);
});

const replicasOf = async (name: string): Promise<number> =>
  (await apps.readNamespacedDeployment({ name, namespace })).spec!.replicas!;

/** A JSON patch of the autoscaler's lower bound, as an operator at the terminal would do it, and its scaling follows. */
const setLeast = (name: string, least: number): Promise<unknown> =>
  scaling.patchNamespacedHorizontalPodAutoscaler({
    ...{ name, namespace },
    body: [{ op: 'replace', path: '/spec/minReplicas', value: least }],
  });

test('a preview after the autoscaler has scaled the API shows no change', async () => {
  // The Deployment that a release has left live.
  const { spec: service } = await core.readNamespacedService({ name: 'api', namespace });
  const live = `api-${service!.selector!['platform/side']!}`;
  const { items } = await scaling.listNamespacedHorizontalPodAutoscaler({ namespace });
  const own = items.find(({ spec }) => spec.scaleTargetRef.name === live);
  assert.ok(own, 'the API has no autoscaler');
  const name = own.metadata!.name!;
  const least = own.spec.minReplicas!;
  const before = await replicasOf(live);
  try {
    await setLeast(name, before + 1);
    await until('the autoscaler has scaled the API', async () => (await replicasOf(live)) === before + 1);
  } finally {
    await setLeast(name, least);
  }
  // It scales down minutes later: until then the number is its own, and not the program's.
  assert.equal(await replicasOf(live), before + 1);
  assert.deepEqual(await changes(), []);
});

test('a preview after cert-manager has issued a certificate anew shows no change, and the Secret is another', async () => {
  const { items } = await core.listNamespacedSecret({ namespace });
  const issued = items.filter(
    ({ type, metadata }) => type === 'kubernetes.io/tls' && metadata!.annotations?.['cert-manager.io/certificate-name'],
  );
  assert.ok(issued.length > 0, 'there is no Secret of cert-manager');
  for (const { metadata, data } of issued) {
    const name = metadata!.name!;
    await core.deleteNamespacedSecret({ name, namespace });
    await until(`${name} is issued anew`, async () => {
      const now = await core.readNamespacedSecret({ name, namespace });
      return now.data?.['tls.crt'] !== undefined && now.data['tls.crt'] !== data!['tls.crt'];
    });
  }
  console.log(`    ${issued.length} Secrets`);
  assert.deepEqual(await changes(), []);
});

test('a setting that differs is seen, so that silence means something', async () => {
  const file = env.PULUMI_OPTION_CONFIG_FILE!;
  const content = load(readFileSync(file, 'utf8')) as { config: Record<string, Record<string, unknown>> };
  const api = content.config['platform:api']!;
  const other = join(mkdtempSync(join(tmpdir(), 'platform-quiet-')), 'Pulumi.rehearsal.yaml');
  const config = { ...content.config, 'platform:api': { ...api, sessionTimeoutMinutes: 119 } };
  writeFileSync(other, dump({ ...content, config }), { mode: 0o600 });
  try {
    const changed = await changes({ ...env, PULUMI_OPTION_CONFIG_FILE: other });
    assert.ok(
      changed.some((line) => line.includes(' api-release ')),
      changed.join('; '),
    );
  } finally {
    rmSync(join(other, '..'), { recursive: true });
  }
});
