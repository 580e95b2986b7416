import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explain, InputRefused, shown, type Problem } from '../../../../components/core/index.ts';
import { parse, systemIn, type RawConfig } from '../../../../stacks/config/load.ts';
import { entries } from '../../../../stacks/config/reference.ts';
import { SETTINGS } from '../../../../stacks/config/systems/corporate-intelligence.ts';
import { shapeOf } from '../../../../stacks/config/setting.ts';
import { changed, environmentOf, groupsOf, rawOf, STACKS } from '../support/raw.ts';

const local = groupsOf('local');

/** The problems of a configuration; none when it is accepted. */
function problemsOf(raw: RawConfig): readonly Problem[] {
  try {
    parse(raw, 'the configuration');
    return [];
  } catch (error) {
    if (!(error instanceof InputRefused)) throw error;
    return error.problems;
  }
}

const linesOf = (raw: RawConfig): string[] => problemsOf(raw).map(explain);

for (const stack of STACKS) {
  test(`Pulumi.${stack}.yaml is accepted as it is`, () => {
    assert.deepEqual(linesOf(rawOf(groupsOf(stack))), []);
    assert.equal(parse(rawOf(groupsOf(stack)), stack).stack.environment, environmentOf(stack));
  });
}

test('a system that there is not is refused in one line that names those that there are', () => {
  const raw = rawOf(changed(local, 'stack.system', 'architekt'));
  assert.throws(() => systemIn(raw, 'test'), /stack\.system: found "architekt"; wanted one of corporate-intelligence/);
  assert.throws(() => systemIn(rawOf(changed(local, 'stack.system', '__proto__')), 'test'), /found "__proto__"/);
  assert.equal(systemIn(rawOf(local), 'test'), 'corporate-intelligence');
  // An empty key is no missing one: its settings would all be called unknown, and the reason nowhere.
  assert.throws(
    () => systemIn(rawOf(changed(local, 'stack.system', null)), 'test'),
    /stack\.system: found null; wanted one/,
  );
  for (const [text, found] of [
    ['[1,2]', '\\[1,2\\]'],
    ['null', 'null'],
    ['""', '""'],
  ] as const) {
    const values = { ...rawOf(local).values, 'platform:stack': text };
    const wanted = new RegExp(
      `one problem; nothing was changed\\.\\n {2}stack: found ${found}; wanted a group, with stack\\.system`,
    );
    assert.throws(() => systemIn({ values, secretKeys: [] }, 'test'), wanted);
  }
  const secret = { values: { 'platform:stack': '{"system":"hunter2"}' }, secretKeys: ['platform:stack'] };
  assert.throws(
    () => systemIn(secret, 'test'),
    ({ message }: Error) => message.includes('stack: found a secret; wanted a group') && !message.includes('hunter2'),
  );
});

test('what is left out has its documented default', () => {
  const { gates, api } = parse(rawOf(groupsOf('staging')), 'staging');
  assert.deepEqual(gates, {
    database: { deadline: '60s', interval: '2s' },
    healthy: { atLeast: 4, deadline: '180s', interval: '5s' },
    endpoint: { perTry: '10s', deadline: '60s', interval: '1s' },
    restartWindow: '10m',
  });
  assert.equal(api.port, 8000);
});

test('the settings cannot be changed after they were checked', () => {
  const settings = parse(rawOf(local), 'local') as { api: { pool: { size: number } } };
  assert.throws(() => (settings.api.pool.size = 1), TypeError);
});

/** What was changed in the file, and the one line that must come of it. */
const MALFORMED: Record<string, [path: string, value: unknown, line: string][]> = {
  'an unknown key': [
    ['api.replica', 3, 'api.replica: found an unknown key; wanted "replicas", the nearest known key'],
    ['postgress', {}, 'postgress: found an unknown key; wanted "postgres", the nearest known key'],
    ['redis.cpu.max', '1', 'redis.cpu.max: found an unknown key; wanted one of limit, request'],
  ],
  'a wrong type': [
    ['api.replicas', '3', 'api.replicas: found "3"; wanted a whole number from 1 to 100'],
    ['postgres.timescaledb', 'no', 'postgres.timescaledb: found "no"; wanted true or false'],
    [
      'api',
      'corporate-intel-api',
      'api: found "corporate-intel-api"; wanted a group with awsRoleArn, corsOrigins, cpu,',
    ],
    [
      'network.clients',
      '10.0.0.0/8',
      'network.clients: found "10.0.0.0/8"; wanted a list, none twice, each an IPv4 network',
    ],
  ],
  'a wrong unit': [
    ['redis.memory', '96MB', 'redis.memory: found "96MB"; wanted a size from "32Mi" to "1Ti", in Mi, Gi or Ti'],
    ['postgres.memory', 512, 'postgres.memory: found 512; wanted a size from "256Mi" to "1Ti", in Mi, Gi or Ti'],
    [
      'gates.restartWindow',
      '10 minutes',
      'gates.restartWindow: found "10 minutes"; wanted a duration from "1s" to "1h", like "500ms", "90s" or "15m"',
    ],
    [
      'api.cpu.limit',
      '1 core',
      'api.cpu.limit: found "1 core"; wanted processor time from "10m" to "64", like "200m" or "2"',
    ],
  ],
  'a value out of range': [
    ['api.port', 65536, 'api.port: found 65536; wanted a whole number from 1 to 65535'],
    [
      'postgres.memory',
      '128Mi',
      'postgres.memory: found "128Mi"; wanted a size from "256Mi" to "1Ti", in Mi, Gi or Ti',
    ],
    ['api.sentryTracesSampleRate', 1.5, 'api.sentryTracesSampleRate: found 1.5; wanted a number from 0 to 1'],
    [
      'network.clients',
      ['10.199.0.1/16'],
      'network.clients.0: found "10.199.0.1/16"; wanted an IPv4 network like "10.199.0.0/16", with no bits set behind the prefix',
    ],
  ],
  'settings that do not fit each other': [
    [
      'redis.maxMemory',
      '80Mi',
      'redis.maxMemory: found "80Mi"; wanted at most three quarters of redis.memory, which is "96Mi"',
    ],
    [
      'api.replicas',
      6,
      'postgres.maxConnections: found 60; wanted at least 80: (api.replicas 6 + 1 while rolling) × (api.pool.size 10 + api.pool.overflow 0) + postgres.reservedConnections 10',
    ],
    [
      'postgres.maxConnections',
      100,
      'postgres.maxConnections: found 100; wanted at most 85, which is what postgres.memory "512Mi" has room for',
    ],
    ['minio.cpu.request', '2', 'minio.cpu.request: found "2"; wanted at most minio.cpu.limit, which is "1"'],
    [
      'minio.buckets.reports.name',
      'local-documents',
      'minio.buckets.reports.name: found "local-documents"; wanted another name than minio.buckets.documents.name',
    ],
    [
      'minio.allowAnonymous',
      false,
      'minio.buckets.reports.anonymousDownload: found true; wanted false while minio.allowAnonymous is false',
    ],
    [
      'api.exposure.port',
      8000,
      'api.exposure.port: found 8000; wanted a port from 30000 to 32767 while api.exposure.kind is "nodePort"',
    ],
    [
      'gates.healthy.atLeast',
      5,
      'gates.healthy.atLeast: found 5; wanted at most 4: three pods of data and api.replicas 1',
    ],
    [
      'gates.database.interval',
      '60s',
      'gates.database.interval: found "60s"; wanted less than gates.database.deadline, which is "60s"',
    ],
    [
      'api.externalSources',
      'on',
      'api.externalSources: found "on"; wanted "off" while alphaVantageApiKey and newsApiKey are not set; run `pulumi config set --secret alphaVantageApiKey` and run `pulumi config set --secret newsApiKey`',
    ],
  ],
  'a missing key': [
    ['postgres.user', undefined, 'postgres.user: found nothing; wanted a PostgreSQL name'],
    ['redis', undefined, 'redis: found nothing; wanted a group with cpu,'],
  ],
};

for (const [kind, cases] of Object.entries(MALFORMED)) {
  for (const [path, value, line] of cases) {
    test(`${kind} is refused in one line: ${path} = ${shown(value)}`, () => {
      const lines = linesOf(rawOf(changed(local, path, value)));
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.ok(lines[0]!.startsWith(line), lines[0]);
    });
  }
}

test('faults that tests switch on are refused in production, by name', () => {
  const production = changed(groupsOf('production'), 'api.extraEnvironment', { FAULT_NEVER_READY: 'true' });
  assert.deepEqual(linesOf(rawOf(production)), [
    'api.extraEnvironment: found FAULT_NEVER_READY; wanted nothing while stack.environment is "production"',
  ]);
  assert.deepEqual(linesOf(rawOf(changed(local, 'api.extraEnvironment', { FAULT_NEVER_READY: 'true' }))), []);
  assert.match(linesOf(rawOf(changed(local, 'api.extraEnvironment', { SECRET_KEY: 'x' })))[0]!, /begin with FAULT_/);
});

test('a secret in plain text is refused with the command that mends it, and never printed', () => {
  for (const key of ['alphaVantageApiKey', 'newsApiKey', 'sentryDsn']) {
    const lines = linesOf(rawOf(local, { [`platform:${key}`]: 'hunter2' }));
    assert.deepEqual(lines, [
      `${key}: found plain text; wanted a secret; run \`pulumi config set --secret ${key}\` and replace the value, which is no secret any more`,
    ]);
  }
});

test('a secret that is one is accepted, unless it is empty or has blanks', () => {
  const given = (text: string) => linesOf(rawOf(local, { 'platform:sentryDsn': text }, ['platform:sentryDsn']));
  assert.deepEqual(given('https://sentry.example.com/1'), []);
  assert.match(given('').join(), /^sentryDsn: found an empty secret; wanted a value without them/);
  assert.match(given('hunter2 ').join(), /^sentryDsn: found a secret with blanks or unprintable characters/);
});

test('nothing of a refused secret is in any message, whatever key it was given to', () => {
  const keys = ['alphaVantageApiKey', 'newsApiKy', 'api', 'stack', 'anything'];
  const value = fc.string({ minLength: 8, maxLength: 20, unit: fc.constantFrom(...'xyzXYZ789') });
  fc.assert(
    fc.property(fc.constantFrom(...keys), value, fc.boolean(), (key, text, encrypted) => {
      const full = `platform:${key}`;
      // A group in plain text is shown, because it can be no secret.
      if (!encrypted && (key === 'api' || key === 'stack')) return;
      const lines = linesOf(rawOf(local, { [full]: text }, encrypted ? [full] : []));
      if (key !== 'alphaVantageApiKey' || !encrypted) assert.ok(lines.length > 0);
      assert.ok(!lines.join('\n').includes(text), lines.join('\n'));
    }),
  );
});

test('a setting that was encrypted is refused: it would end up in names', () => {
  assert.deepEqual(linesOf(rawOf(local, {}, ['platform:redis'])), [
    "redis: found a secret; wanted plain text, because it ends up in names and manifests; write it into the stack's file",
  ]);
});

test('settings of a provider are refused, because nothing would read them', () => {
  assert.deepEqual(linesOf(rawOf(local, { 'kubernetes:context': 'other', 'pulumi:tags': '{}' })), [
    'kubernetes:context: found a setting of something else; wanted only settings of "platform"; the provider is set up by cluster.*; remove this key',
  ]);
});

test('all problems are reported together, in the order of their places', () => {
  const broken = changed(changed(changed(local, 'redis.memory', '1GB'), 'api.replicas', 0), 'minio.storge', '1Gi');
  const lines = linesOf(rawOf(broken, { 'platform:newsApiKey': 'hunter2' }));
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf(':'))),
    ['api.replicas', 'minio.storge', 'newsApiKey', 'redis.memory'],
  );
});

const junk = fc.oneof(
  fc.constant(undefined),
  fc.boolean(),
  fc.integer(),
  fc.integer({ min: 0, max: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.constantFrom(
    '1Gi',
    '64Mi',
    '1TB',
    '2',
    '500m',
    '10s',
    '2h',
    'on',
    'off',
    'production',
    'a b',
    'local-reports',
    '1.2.3',
  ),
  fc.constantFrom(null, [], {}, ['10.0.0.0/8'], ['https://example.com'], ['x'], { FAULT_X: '1' }, { x: 1 }),
);

/** Whether the setting belongs to something that the stack has not: stating one setting of it would ask for the others. */
function absent(groups: unknown, path: string): boolean {
  const names = path.split('.').slice(0, -1);
  let [schema, stated]: [unknown, unknown] = [SETTINGS, groups];
  for (const name of names) {
    schema = shapeOf(schema)![name];
    stated = (stated as Record<string, unknown> | undefined)?.[name];
    if (stated === undefined && (schema as { def: { type: string } }).def.type === 'optional') return true;
  }
  return false;
}

test('any setting changed to anything is accepted, or refused in exactly one line that names its path, what was found and what was wanted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STACKS), fc.constantFrom(...entries()), junk, (stack, { path, fallback }, given) => {
      fc.pre(!absent(groupsOf(stack), path));
      const value = given === undefined ? undefined : (JSON.parse(JSON.stringify(given)) as unknown);
      const problems = problemsOf(rawOf(changed(groupsOf(stack), path, value)));
      if (problems.length === 0) return;
      const line = problems.map(explain).join('\n');
      assert.equal(problems.length, 1, line);
      assert.ok(line.includes(path), `${path} is not named: ${line}`);
      const [inner] = Array.isArray(value) && value.length === 1 ? (value as unknown[]) : [value];
      // What is left out is found as its default.
      const texts = [shown(value ?? fallback), shown(value), shown(inner), String(value)].concat(
        value !== null && typeof value === 'object' ? Object.keys(value) : [],
      );
      assert.ok(
        texts.some((text) => line.includes(text)),
        `${shown(value)} is not shown: ${line}`,
      );
      assert.ok(problems[0]!.wanted.length > 0);
    }),
    { numRuns: 3000 },
  );
});

test('any key that no setting has is refused by its name, wherever it stands', () => {
  const known = new Set(entries().flatMap(({ path }) => path.split('.')));
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'toString', 'length'));
  fc.assert(
    fc.property(
      key.filter((name) => !known.has(name) && !/[.:]/.test(name)),
      fc.constantFrom('', 'api', 'gates', 'gates.healthy'),
      (name, group) => {
        const path = group === '' ? name : `${group}.${name}`;
        const raw = rawOf(local);
        const values = { ...raw.values };
        if (group === '') Object.defineProperty(values, `platform:${name}`, { value: '1', enumerable: true });
        else {
          const top = group.split('.')[0]!;
          const extra = `${JSON.stringify(name)}:1`;
          values[`platform:${top}`] =
            group === top
              ? `{${extra},${JSON.stringify(local[top]).slice(1)}`
              : `{"healthy":{${extra}},${JSON.stringify(local[top]).slice(1)}`;
        }
        const lines = linesOf({ values, secretKeys: [] });
        assert.equal(lines.length, 1, lines.join('\n'));
        assert.ok(lines[0]!.startsWith(`${path}: found an unknown key; wanted `), lines[0]);
      },
    ),
  );
});

test('the order of keys changes nothing', () => {
  const turned = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, turned(inner)]),
        )
      : value;
  assert.deepEqual(parse(rawOf(turned(local) as typeof local), 'local'), parse(rawOf(local), 'local'));
});
