import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { InputRefused } from '../../../../components/core/index.ts';
import {
  HttpGate,
  PATIENCE,
  RestartGate,
  RolloutGate,
  RULES,
  SqlGate,
  type HttpGateArgs,
  type Patience,
} from '../../../../components/gates/index.ts';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';

const HTTP: HttpGateArgs = {
  cluster: {},
  subject: 's',
  target: { url: 'http://127.0.0.1' },
  path: '/',
  expect: { status: 200 },
};
const API = { namespace: 'n', kind: 'Deployment', name: 'api' } as const;

/** The message of a refusal; nothing was registered, so no engine is needed. */
function refusal(make: () => unknown): string {
  try {
    make();
  } catch (thrown) {
    assert.ok(thrown instanceof InputRefused);
    return thrown.message;
  }
  throw new Error('accepted');
}

test('patience that no loop could work with is refused, all of it at once', () => {
  const patience = { perTry: '0s', interval: 'soon', successes: 0, failureLimit: 1.5, deadline: '60' };
  assert.equal(
    refusal(() => new HttpGate('api', { ...HTTP, patience: patience as unknown as Partial<Patience> })),
    [
      'HttpGate "api" has 5 problems; nothing of it was made.',
      '  patience.deadline: found "60"; wanted a duration like "500ms", "90s", "15m", "6h" or "30d", longer than 0',
      '  patience.failureLimit: found 1.5; wanted a whole number from 1 on, or "none"',
      '  patience.interval: found "soon"; wanted a duration like "500ms", "90s", "15m", "6h" or "30d", longer than 0',
      '  patience.perTry: found "0s"; wanted a duration like "500ms", "90s", "15m", "6h" or "30d", longer than 0',
      '  patience.successes: found 0; wanted a whole number from 1 on',
    ].join('\n'),
  );
});

test('a path, a port or a pattern that cannot work is refused before anything is deployed', () => {
  const target = { workload: API, port: 80_000 };
  const expect = { status: 200, json: { at: [{ matches: '(' }] } };
  const message = refusal(() => new HttpGate('api', { ...HTTP, target, path: 'health', expect }));
  assert.match(message, /expect\.json\.at\.0\.matches: found "\("; wanted a regular expression/);
  assert.match(message, /path: found "health"; wanted a path that begins with "\/"/);
  assert.match(message, /target\.port: found 80000; wanted a port from 1 to 65535/);
  const password = { namespace: 'n', name: 's', key: 'k' };
  const sql = { cluster: {}, subject: 's', database: 'd', user: 'u', password, query: 'SELECT 1', expect: {} };
  assert.match(
    refusal(() => new SqlGate('db', { ...sql, target: { host: 'h', port: 0 } })),
    /target\.port: found 0/,
  );
});

test('a workload without its subject, a subject without its workload and no workload at all are refused', () => {
  const rest = { cluster: {}, atLeastReady: 1 };
  assert.match(
    refusal(() => new RolloutGate('up', { ...rest, workloads: [API], subjects: { 'Deployment/web': 's' } })),
    /subjects\["Deployment\/api"\]: found nothing; wanted its subject\n.*subjects\["Deployment\/web"\]: found a subject; wanted only workloads of this gate: Deployment\/api/,
  );
  assert.match(
    refusal(() => new RolloutGate('up', { ...rest, workloads: [], subjects: {} })),
    /workloads: found none/,
  );
});

test('a window that outlasts the deadline is refused: the gate could never open', () => {
  const args = { cluster: {}, workloads: [API], subjects: { 'Deployment/api': 's' } };
  const wanted = /window: found "10m"; wanted a duration shorter than patience\.deadline, 10m/;
  assert.match(
    refusal(() => new RestartGate('quiet', { ...args, window: '10m', patience: { deadline: '10m' } })),
    wanted,
  );
});

test('the defaults in the documentation are the defaults', () => {
  const source = readFileSync(join(CHECKOUT, 'components/gates/kinds.ts'), 'utf8');
  const documented = [...source.matchAll(/@default patience (\{.*\})\n[^]*?export class (\w+) extends Gate/g)].map(
    ([, text, kind]) => [kind, JSON.parse(text!.replaceAll("'", '"').replace(/(\w+):/g, '"$1":')) as unknown],
  );
  assert.deepEqual(Object.fromEntries(documented), PATIENCE);
});

test('the documents’ own numbers stand: 10 s a request, every 2 s for 60 s, every 5 s for 180 s, 3 in a row', () => {
  assert.equal(PATIENCE.HttpGate.perTry, '10s'); // A-GATE-1..4
  assert.equal(PATIENCE.HttpGate.failureLimit, 3); // A-RB-1
  assert.deepEqual([PATIENCE.SqlGate.interval, PATIENCE.SqlGate.deadline], ['2s', '60s']); // A-MIG-1
  assert.deepEqual([PATIENCE.RolloutGate.interval, PATIENCE.RolloutGate.deadline], ['5s', '180s']); // A-GATE-9
});

test('a gate carries subject, rules, question and full patience into the state, and no evidence of its own making', async () => {
  const made: Record<string, unknown>[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
      made.push(inputs as Record<string, unknown>);
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: ({ token }) => {
      throw new Error(`unexpected call ${token}`);
    },
  });
  const gate = new HttpGate('api', {
    ...HTTP,
    subject: pulumi.secret('s'),
    requirement: 'A-GATE-1',
    patience: { perTry: '1s' },
  });
  await new Promise((resolve) => gate.urn.apply(resolve));
  const { __provider, ...inputs } = made[0]!;
  assert.equal(typeof __provider, 'string');
  assert.deepEqual(inputs, {
    ...HTTP,
    kind: 'HttpGate',
    name: 'api',
    rules: RULES.HttpGate,
    requirement: 'A-GATE-1',
    patience: { ...PATIENCE.HttpGate, perTry: '1s' },
  });
});
