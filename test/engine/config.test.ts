import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { shown } from '../../components/core/index.ts';
import { parse } from '../../stacks/config/load.ts';
import { entries } from '../../stacks/config/reference.ts';
import { changed, groupsOf, rawOf } from '../unit/stacks/support/raw.ts';
import { engine, type EngineTest } from './support/engine.ts';

let stack: EngineTest;
let file: string;
let good: string;

before(async () => {
  stack = await engine({ stack: 'local', env: { KUBECONFIG: '/dev/null' } });
  file = stack.env['PULUMI_OPTION_CONFIG_FILE']!;
  good = readFileSync(file, 'utf8');
});
after(() => stack.remove());

/** What the engine says to a configuration file; it must refuse it, and have made nothing. */
async function refusal(text: string): Promise<string[]> {
  writeFileSync(file, text);
  const { output } = await stack.up({ fails: true });
  const made = (await stack.export()).filter(({ type }) => type !== 'pulumi:pulumi:Stack');
  assert.deepEqual(made, [], 'nothing was made');
  assert.doesNotMatch(output, /\n\s+at .*\.[mc]?[jt]s:\d/, 'no stack trace');
  const [, said = output] = /\nDiagnostics:\n([\s\S]*?)\nResources:/.exec(output) ?? [];
  return said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'pulumi:pulumi:Stack (platform-local):');
}

const HEAD = 'error: the configuration of stack "local" has one problem; nothing was changed.';
const replaced = (from: string, to: string): string => {
  assert.ok(good.includes(from), `the file holds ${from}`);
  return good.replace(from, to);
};

/** Each refused by the program, in exactly one line. */
const REFUSED: Record<string, [text: () => string, line: RegExp][]> = {
  'an unknown key': [
    [
      () => replaced('    replicas: 1', '    replica: 1\n    replicas: 1'),
      /^api\.replica: found an unknown key; wanted "replicas"/,
    ],
    [
      () => replaced('  platform:redis:', '  platform:rediss: {}\n  platform:redis:'),
      /^rediss: found an unknown key; wanted "redis"/,
    ],
  ],
  'a wrong type': [
    [
      () => replaced('    replicas: 1', "    replicas: '1'"),
      /^api\.replicas: found "1"; wanted a whole number from 1 to 100$/,
    ],
    [
      () => replaced('    timescaledb: false', '    timescaledb: maybe'),
      /^postgres\.timescaledb: found "maybe"; wanted true or false$/,
    ],
  ],
  'a wrong unit': [
    [
      () => replaced('    maxMemory: 64Mi', '    maxMemory: 64MB'),
      /^redis\.maxMemory: found "64MB"; wanted a size from/,
    ],
    [
      () => replaced('    restartWindow: 20s', '    restartWindow: 20'),
      /^gates\.restartWindow: found 20; wanted a duration from/,
    ],
  ],
  'a value out of range': [
    [
      () => replaced('    replicas: 1', '    replicas: 0'),
      /^api\.replicas: found 0; wanted a whole number from 1 to 100$/,
    ],
    [
      () => replaced('    memory: 512Mi', '    memory: 64Mi'),
      /^postgres\.memory: found "64Mi"; wanted a size from "256Mi"/,
    ],
  ],
  'settings that do not fit each other': [
    [
      () => replaced('    maxMemory: 64Mi', '    maxMemory: 90Mi'),
      /^redis\.maxMemory: found "90Mi"; wanted at most three quarters of redis\.memory/,
    ],
    [
      () => replaced('    maxConnections: 60', '    maxConnections: 20'),
      /^postgres\.maxConnections: found 20; wanted at least 30: \(api\.replicas 1/,
    ],
  ],
  'a missing key': [
    [() => replaced('    user: intel_local_user\n', ''), /^postgres\.user: found nothing; wanted a PostgreSQL name/],
    [
      () => replaced('    environment: local\n', ''),
      /^stack\.environment: found nothing; wanted one of local, staging, production$/,
    ],
  ],
  'a secret in plain text': [
    [
      () => replaced('config:\n', 'config:\n  platform:newsApiKey: hunter2\n'),
      /^newsApiKey: found plain text; wanted a secret; run `pulumi config set --secret newsApiKey`/,
    ],
    [
      () => replaced('config:\n', 'config:\n  platform:sentryDsn: https://hunter2@x\n'),
      /^sentryDsn: found plain text; wanted a secret; run/,
    ],
  ],
};

for (const [kind, cases] of Object.entries(REFUSED)) {
  for (const [i, [text, line]] of cases.entries()) {
    test(`${kind} (${i + 1}) stops the update with one line, before anything is made`, async () => {
      const said = await refusal(text());
      assert.equal(said.length, 2, said.join('\n'));
      assert.equal(said[0], HEAD);
      assert.match(said[1]!, line);
      assert.doesNotMatch(said.join(), /hunter2/);
    });
  }
}

/** Refused by the engine itself, which reads the file. */
const UNREADABLE: [claim: string, text: () => string, said: RegExp][] = [
  [
    'a group twice',
    () => replaced('config:\n', 'config:\n  platform:redis: {}\n'),
    /mapping key "platform:redis" already defined at line \d+/,
  ],
  [
    'a setting twice',
    () => replaced('    replicas: 1\n', '    replicas: 1\n    replicas: 2\n'),
    /mapping key "replicas" already defined at line \d+/,
  ],
  [
    'a bracket left open',
    () => replaced('config:\n', 'config:\n  platform:x: [1\n'),
    /invalid YAML file: yaml: line \d+: did not find expected ',' or '\]'/,
  ],
  [
    'a tab for indentation',
    () => replaced('config:\n', 'config:\n\tplatform:x: 1\n'),
    /invalid YAML file: yaml: line \d+: found character that cannot start any token/,
  ],
];

for (const [claim, text, said] of UNREADABLE) {
  test(`${claim} stops the update with one message that names the line, before anything is made`, async () => {
    const lines = await refusal(text());
    assert.equal(lines.filter((line) => line.startsWith('error:')).length, 1, lines.join('\n'));
    assert.match(lines.join(' '), said);
  });
}

test('several problems are one message, a line each', async () => {
  const text = replaced('    replicas: 1', '    replicas: 0').replace('    maxMemory: 64Mi', '    maxMemory: 64MB');
  const said = await refusal(text);
  assert.deepEqual(
    said.map((line) => line.split(':')[0]),
    ['error', 'api.replicas', 'redis.maxMemory'],
  );
  assert.match(said[0]!, /has 2 problems; nothing was changed/);
});

test('what the checks refuse, the engine refuses in the same words, for settings and values picked at random', async () => {
  const values = fc.constantFrom<unknown>(-1, 'x', true, null, 1e9, '1TB', []);
  const seed = Date.now();
  console.log(`    seed ${seed}`);
  const picked = fc.sample(fc.tuple(fc.constantFrom(...entries()), values), { numRuns: 40, seed });
  let refused = 0;
  for (const [{ path }, value] of picked) {
    const groups = changed(groupsOf('local'), path, value);
    const expected = refusedBy(groups);
    if (expected === undefined || refused === 5) continue;
    refused++;
    // As a file, not laid over the tree's: there `null` takes a setting away.
    const config = Object.fromEntries(Object.entries(groups).map(([key, group]) => [`platform:${key}`, group]));
    const said = await refusal(dump({ ...(load(good) as object), config }));
    assert.deepEqual(said.slice(1), expected, `${path} = ${shown(value)}`);
  }
  assert.equal(refused, 5);
});

/** The lines of the checks themselves; undefined when they accept. */
function refusedBy(groups: ReturnType<typeof groupsOf>): string[] | undefined {
  try {
    parse(rawOf(groups), 'x');
    return undefined;
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}
