/** One of every component that stands on AWS, planned by the real engine with neither an account nor a network. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { applyingEcho } from '../../infra/sandbox/engine/index.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { problemsOf, readTable } from './support/aws/check.ts';
import { bareBuckets, brokenRules } from './support/aws/guarded.ts';
import { BUILT, PROGRAM } from './support/aws/program.ts';
import { engine, type EngineTest } from './support/engine.ts';
import { unknowns } from './support/graph.ts';
import { newStack, type NewResource } from './support/planned.ts';

let stack: EngineTest;
let resources: readonly NewResource[];
before(async () => {
  stack = await engine({ source: PROGRAM, plugins: 'echo' });
  resources = newStack((await stack.preview()) as never).resources.filter(({ type }) => type.startsWith('aws:'));
});
after(() => stack.remove());

test('the program has a component of every folder that makes something at AWS', () => {
  const files = globSync('infra/*/**/*.ts', { cwd: CHECKOUT }).filter((file) => !file.startsWith('infra/sandbox/'));
  const using = files.filter((file) => readFileSync(join(CHECKOUT, file), 'utf8').includes("from '@pulumi/aws/"));
  assert.deepEqual([...new Set(using.map((file) => file.split('/')[1]!))].toSorted(), [...BUILT]);
});

test('every one has what its kind requires, nothing that it does not take, and keeps every rule', () => {
  console.log(`    ${resources.length} resources of ${new Set(resources.map(({ type }) => type)).size} kinds`);
  const table = readTable();
  assert.deepEqual(
    resources.flatMap((resource) => problemsOf(resource, table)),
    [],
  );
  assert.deepEqual([...brokenRules(resources), ...bareBuckets(resources)], []);
});

test('every unknown waits for a resource that the plan makes', () => {
  const all = unknowns(resources);
  assert.ok(all.length > 20, `${all.length} unknowns`);
  assert.deepEqual(
    all.filter(({ waitsFor }) => waitsFor.length === 0).map(({ resource: { name }, path }) => `${name} ${path}`),
    [],
  );
});

test('the plan can be applied to nothing, and is quiet then', async () => {
  await stack.up({ env: applyingEcho({ ...stack.env }) });
  const { publicIp, kubeconfig } = (await stack.outputs()) as Record<string, string>;
  assert.match(publicIp!, /^198\.51\.100\.\d+$/);
  assert.match(kubeconfig!, /https:\/\/[0-9a-f]+\.eks\.eu-central-1\.amazonaws\.com/);
  assert.deepEqual(Object.keys((await stack.preview()).changeSummary), ['same']);
});
