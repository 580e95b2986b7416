import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { inShell, live, make, platform } from './support/platform.ts';

const ISO8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

interface Resource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: readonly string[];
}

const resources = async (): Promise<Resource[]> =>
  JSON.parse(await inShell(['pulumi', 'stack', 'export', '--stack', platform.stack])).deployment.resources;

test('the printed address answers A-GATE-8’s body, with the environment of the stack', async () => {
  const body = JSON.parse(await run(['curl', '--silent', '--fail', '--max-time', '10', `${platform.api}/health`]));
  assert.deepEqual(Object.keys(body).toSorted(), ['environment', 'status', 'timestamp', 'version']);
  assert.equal(body.status, 'healthy');
  assert.equal(body.environment, 'local');
  assert.equal(body.version, '1.0.0');
  assert.match(body.timestamp, ISO8601);
});

test('make up, from a cache with everything built, takes less than 180 s', () => {
  const cached = platform.steps.filter(({ step }) => !step.startsWith('build '));
  const total = cached.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(platform.steps.map(({ step, seconds }) => `    ${step}: ${seconds.toFixed(1)} s`).join('\n'));
  assert.ok(total > 0 && total < 180, `${total} s`);
});

test('make up on a running platform changes nothing and is done within a minute', async () => {
  const before = await resources();
  const began = performance.now();
  await make('up');
  const seconds = (performance.now() - began) / 1000;
  console.log(`    already running: ${seconds.toFixed(1)} s`);
  const keyed = (all: readonly Resource[]): Map<string, unknown> =>
    new Map(all.map(({ urn, outputs }) => [urn, outputs]));
  const [then, now] = [keyed(before), keyed(await resources())];
  assert.deepEqual([...now.keys()].toSorted(), [...then.keys()].toSorted());
  // A gate that had asked again would have left another time.
  for (const [urn, outputs] of now) if (urn.includes('dynamic/')) assert.deepEqual(outputs, then.get(urn), urn);
  // 10 s where nothing else runs.
  assert.ok(seconds < 60, `${seconds} s`);
});

test('the preview after make up expects no change and finds none', async () => {
  await make('preview', `STACK=${platform.stack}`, 'EXPECT=no-changes');
  const plan = JSON.parse(readFileSync(join(CHECKOUT, `.out/preview/${platform.stack}.json`), 'utf8'));
  assert.deepEqual(Object.keys(plan.changeSummary), ['same']);
});

test('every gate of A stands in the stack, is open, and left evidence', async () => {
  const gates = (await resources()).filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));
  const requirements = gates.flatMap(({ outputs }) =>
    (typeof outputs?.requirement === 'string' ? outputs.requirement : '').split(/[ ,]+/),
  );
  for (const id of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) assert.ok(requirements.includes(`A-GATE-${id}`), `A-GATE-${id}`);
  for (const id of [1, 3]) assert.ok(requirements.includes(`A-MIG-${id}`), `A-MIG-${id}`);
  for (const { urn, outputs, initErrors } of gates) {
    assert.equal(outputs?.verdict, 'pass', urn);
    assert.ok(outputs.reading !== undefined && outputs.checkedAt !== undefined, urn);
    assert.deepEqual(initErrors ?? [], [], urn);
  }
});

test('the migration ran before any pod of the API, as a Job that completed (A-MIG-2)', async () => {
  const job = (await resources()).find(
    ({ type, urn }) => type === 'kubernetes:batch/v1:Job' && /::migrate-[0-9a-f]+$/.test(urn),
  );
  assert.ok(job !== undefined);
  const finished = Date.parse((job.outputs as any).status.completionTime);
  const { items } = await live<{ items: { metadata: { creationTimestamp: string } }[] }>(
    'pods',
    '--namespace',
    platform.namespace,
    '--selector=app.kubernetes.io/name=api',
  );
  assert.ok(items.length > 0, 'no pod of the API');
  // The Deployments of both sides stand from the start, with no pods: what counts is when the first one is.
  for (const { metadata } of items)
    assert.ok(finished <= Date.parse(metadata.creationTimestamp), metadata.creationTimestamp);
});

test('make verify asks every gate again and exits 0, with JSON on standard output', async () => {
  const evidence = JSON.parse(await make('verify', `STACK=${platform.stack}`)) as { verdict: string }[];
  assert.ok(evidence.length >= 12, `only ${evidence.length} gates`);
  assert.deepEqual([...new Set(evidence.map(({ verdict }) => verdict))], ['pass']);
});

test('make outputs prints the contract as JSON and nothing else, with the address that answers', async () => {
  const outputs = JSON.parse(await make('outputs', `STACK=${platform.stack}`));
  assert.equal(outputs.contractVersion, 1);
  assert.equal(outputs.endpoints.api.url, platform.api);
  assert.deepEqual([...new Set(Object.values(outputs.gates))], ['pass']);
});

test('the passphrase and the kubeconfig are readable by their owner only, and the checkout stays clean', async () => {
  const shell = await make('env');
  const passphrase = /PULUMI_CONFIG_PASSPHRASE_FILE='?([^'\n]+?)'?$/m.exec(shell)?.[1];
  assert.ok(passphrase !== undefined && existsSync(passphrase));
  for (const file of [passphrase, platform.kubeconfig]) assert.equal(statSync(file).mode & 0o077, 0, file);
  assert.equal(
    await run(['git', 'status', '--porcelain', '--', 'Pulumi.local.yaml', 'Pulumi.yaml'], { cwd: CHECKOUT }),
    '',
  );
});
