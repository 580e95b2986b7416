import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import type * as Gates from '../../../../components/gates/index.ts';
import { HttpGate, SqlGate, type SqlGateArgs } from '../../../../components/gates/index.ts';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';

/** What the stack holds as a gate's code. Whoever changes it must see that stored shells go on working. */
const GOLDEN = readFileSync(join(CHECKOUT, 'test/golden/gates/shell.js'), 'utf8');

const made: { type: string; name: string; inputs: Record<string, unknown> }[] = [];
const folder = mkdtempSync(join(tmpdir(), 'platform-shell-'));
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  const newResource = ({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs) => {
    made.push({ type, name, inputs: inputs as Record<string, unknown> });
    return { id: id ?? name, state: inputs as Record<string, unknown> };
  };
  const call = ({ token }: pulumi.runtime.MockCallArgs): never => {
    throw new Error(`unexpected call ${token}`);
  };
  await pulumi.runtime.setMocks({ newResource, call }, 'platform', 'test', false);
});

const CANARY = 'canary-8f2e';
const WITH_CANARIES: SqlGateArgs = {
  cluster: { context: `${CANARY}-context` },
  subject: `${CANARY}-subject`,
  requirement: `${CANARY}-requirement`,
  target: { host: `${CANARY}-host`, port: 5432 },
  database: `${CANARY}-database`,
  user: `${CANARY}-user`,
  password: { namespace: `${CANARY}-namespace`, name: `${CANARY}-name`, key: `${CANARY}-key` },
  query: `SELECT '${CANARY}'`,
  expect: { equals: CANARY },
};

/** The code that a gate is stored with, made by the given copy of the gates. */
async function stored(gates: typeof Gates): Promise<string> {
  made.length = 0;
  const gate = new gates.SqlGate('gate', WITH_CANARIES);
  await new Promise((resolve) => gate.urn.apply(resolve));
  return made[0]!.inputs.__provider as string;
}

/** A copy of the components in a folder of its own, with other line ends if asked. */
async function copied(name: string, ends: '\n' | '\r\n'): Promise<typeof Gates> {
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  for (const part of ['core', 'gates']) {
    cpSync(join(CHECKOUT, 'components', part), join(root, 'components', part), { recursive: true });
  }
  for (const file of globSync('components/**/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8');
    writeFileSync(join(root, file), text.replaceAll('\n', ends));
  }
  return (await import(pathToFileURL(join(root, 'components/gates/index.ts')).href)) as typeof Gates;
}

test('the stored code is this text, byte for byte', async () => {
  assert.equal(await stored(await import('../../../../components/gates/index.ts')), GOLDEN);
});

test('the stored code is the same from two directories, and with either line end', async () => {
  assert.equal(await stored(await copied('one', '\n')), GOLDEN);
  assert.equal(await stored(await copied('two', '\r\n')), GOLDEN);
});

test('the stored code holds no value of the configuration, and the inputs do', async () => {
  const text = await stored(await import('../../../../components/gates/index.ts'));
  assert.ok(!text.includes(CANARY));
  assert.ok(JSON.stringify(made[0]!.inputs).includes(`${CANARY}-database`));
});

test('gates of every kind share the stored code, and have types of their own', async () => {
  made.length = 0;
  const one = new SqlGate('one', WITH_CANARIES);
  const url = 'http://127.0.0.1';
  const two = new HttpGate('two', { cluster: {}, subject: 's', target: { url }, path: '/', expect: { status: 200 } });
  await new Promise((resolve) => pulumi.all([one.urn, two.urn]).apply(resolve));
  assert.deepEqual(made.map(({ type }) => type).toSorted(), [
    'pulumi-nodejs:dynamic/gates:HttpGate',
    'pulumi-nodejs:dynamic/gates:SqlGate',
  ]);
  for (const { inputs } of made) assert.equal(inputs.__provider, GOLDEN);
});

type Diff = (id: string, before: object, inputs: object) => Promise<{ changes: boolean }>;
/** How the SDK's provider host brings a stored text to life. */
const revived = createRequire(join(CHECKOUT, 'node_modules/@pulumi/pulumi/index.js'))('require-from-string') as (
  text: string,
) => { handler: () => { diff: Diff } };

let diff: Promise<Diff> | undefined;
const differs = async (before: object, inputs: object): Promise<boolean> => {
  diff ??= stored(await import('../../../../components/gates/index.ts')).then((text) => revived(text).handler().diff);
  return (await (await diff)('id', before, inputs)).changes;
};

const INPUTS = {
  name: 'api',
  kind: 'HttpGate',
  rules: 1,
  subject: 'abc',
  cluster: {},
  target: { workload: { namespace: 'n', kind: 'Deployment', name: 'api' }, port: 8000 },
  expect: { status: [200, 204], json: { a: [1, null] } },
  patience: { perTry: '10s' },
  requirement: 'A-GATE-1',
  __provider: 'old code',
};
const PASSED = { verdict: 'pass', reading: '200', tries: 1, seconds: 0.1, checkedAt: 'then', reasons: [] };

test('asks again when subject, rules or any part of the question changes', async () => {
  const changes: readonly object[] = [
    { subject: 'abd' },
    { rules: 2 },
    { cluster: { context: 'other' } },
    { target: { ...INPUTS.target, port: 8001 } },
    { expect: { ...INPUTS.expect, status: [200] } },
    { expect: { ...INPUTS.expect, json: { a: [1, 0] } } },
    { expect: { status: [200, 204] } },
    { headers: { origin: 'x' } },
  ];
  for (const change of changes) {
    assert.equal(await differs({ ...INPUTS, ...PASSED }, { ...INPUTS, ...change }), true, JSON.stringify(change));
    assert.equal(await differs({ ...INPUTS, ...change, ...PASSED }, INPUTS), true, `back: ${JSON.stringify(change)}`);
  }
});

test('does not ask again for other code, patience, names or documentation', async () => {
  const changes = { __provider: 'new code', patience: { perTry: '1s' }, name: 'renamed', requirement: 'A-GATE-2' };
  assert.equal(await differs({ ...INPUTS, ...PASSED }, { ...INPUTS, ...changes }), false);
});

test('asks again after every verdict but pass, whatever the engine remembers', async () => {
  for (const verdict of ['fail', 'error', 'inconclusive']) {
    assert.equal(await differs({ ...INPUTS, ...PASSED, verdict }, INPUTS), true);
  }
});

test('the order of keys is no difference, any other value is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), async (expect, other) => {
      const plain = JSON.parse(JSON.stringify(expect)) as object;
      const turned = Object.fromEntries(Object.entries(plain).toReversed());
      assert.equal(await differs({ ...PASSED, expect: plain }, { expect: turned }), false);
      assert.equal(await differs({ ...PASSED, expect: plain }, { expect: { ...turned, more: [other] } }), true);
    }),
  );
});
