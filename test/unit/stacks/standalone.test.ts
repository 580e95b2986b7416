import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pulumi from '@pulumi/pulumi';
import { parse } from '../../../stacks/config/load.ts';
import { standalone } from '../../../stacks/standalone.ts';
import { named, planned, type Made } from '../support/mocks.ts';
import { changed, groupsOf, rawOf, type Groups } from './support/raw.ts';

const tree = (): Groups => groupsOf('standalone');

const settingsOf = (groups: Groups) => parse(rawOf(groups), 'test', 'standalone');

const composed = (groups: Groups = tree()): Promise<readonly Made[]> =>
  planned(() => standalone({ settings: settingsOf(groups), secrets: {} }));

const CONTAINER = 'docker:index/container:Container';
const TASKS = ['dump', 'migrate', 'buckets'];

interface Inputs {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly { readonly external: number }[];
  readonly networksAdvanced: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly envs: unknown;
  readonly uploads: readonly { readonly file: string; readonly content: unknown }[];
  readonly mounts?: readonly { readonly source: string; readonly readOnly: boolean }[];
}
const inputsOf = ({ inputs }: Made): Inputs => inputs as unknown as Inputs;

const services = (made: readonly Made[]): Map<string, Inputs> =>
  new Map(
    made
      .filter(({ type, name }) => type === CONTAINER && !TASKS.includes(name))
      .map((one) => [one.name, inputsOf(one)]),
  );

/** What is secret in the inputs of the mocks. */
const SECRET = '4dabf18193072939515e22adb298388d';
const isSecret = (value: unknown): boolean => typeof value === 'object' && value !== null && SECRET in value;

const THIRTEEN = [
  ...['alertmanager', 'api', 'cadvisor', 'grafana', 'jaeger', 'minio', 'nginx', 'node-exporter', 'postgres'],
  ...['postgres-exporter', 'prometheus', 'redis', 'redis-exporter'],
];

test('E’s thirteen services are there, each with a gate on its health (E-TOPO-1..4)', async () => {
  const made = await composed();
  assert.deepEqual([...services(made).keys(), 'api'].toSorted(), THIRTEEN);
  assert.equal(named(made, 'api-live').inputs['name'], 'api');
  const gated = made.filter(({ type }) => type.endsWith(':ContainerGate')).map(({ name }) => name);
  assert.deepEqual(
    gated.toSorted(),
    THIRTEEN.filter((name) => name !== 'api')
      .map((name) => `${name}-healthy`)
      .toSorted(),
  );
});

test('nothing but nginx opens a port of the host, and it opens 80 and 443 (CONF-34, E-SEC-2)', async () => {
  const open = [...services(await composed())].flatMap(([name, { ports }]) =>
    ports.map(({ external }) => `${name}:${external}`),
  );
  assert.deepEqual(open.toSorted(), ['nginx:443', 'nginx:80']);
});

test('the database is in one network only, which leads nowhere outside (E-SEC-2)', async () => {
  const made = await composed();
  const { networksAdvanced } = services(made).get('postgres')!;
  assert.deepEqual(
    networksAdvanced.map(({ name }) => name),
    ['corporate-intel-data'],
  );
  const inside = made.filter(({ type }) => type === 'docker:index/network:Network');
  assert.deepEqual(Object.fromEntries(inside.map(({ name, inputs }) => [name, inputs['internal']])), {
    'host-data': true,
    'host-front': false,
    'host-watch': true,
  });
});

test('A’s service names are found, the API’s by whichever container is live (A-TOPO-3)', async () => {
  const all = services(await composed());
  const names = [...all].flatMap(([name, { networksAdvanced }]) => [
    name,
    ...networksAdvanced.flatMap((one) => one.aliases),
  ]);
  const wanted = ['api', 'postgres', 'redis', 'minio', 'jaeger', 'postgres-exporter', 'redis-exporter'];
  assert.deepEqual(
    wanted.filter((name) => !names.includes(name)),
    [],
  );
  const conf = String(all.get('nginx')!.uploads.find(({ file }) => file === '/etc/nginx/nginx.conf')!.content);
  assert.match(conf, /listen 8000;\n.*\n\s+location \/ \{ proxy_pass http:\/\/\$api_upstream; \}/);
});

test('the API is told A’s 35 variables, the secret ones apart (A-ENV-1..35)', async () => {
  const { inputs } = named(await composed(), 'api-live');
  const { Env } = inputs['body'] as { Env: string[] };
  assert.ok(isSecret(inputs['sealed']));
  const { env } = (inputs['sealed'] as { value: { env: Record<string, string> } }).value;
  const plain = Env.map((line) => line.slice(0, line.indexOf('=')));
  const secret = Object.keys(env);
  assert.deepEqual(secret.toSorted(), [
    ...['ALPHA_VANTAGE_API_KEY', 'DATABASE_URL', 'GRAFANA_PASSWORD', 'MINIO_SECRET_KEY', 'NEWSAPI_KEY'],
    ...['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'REDIS_URL', 'SECRET_KEY', 'SENTRY_DSN'],
  ]);
  const beside = ['DB_MAX_OVERFLOW', 'DB_POOL_SIZE', 'WEB_CONCURRENCY'];
  assert.equal(new Set([...plain, ...secret]).size - beside.length, 35);
  assert.equal(
    env['DATABASE_URL'],
    'postgresql://intel_user:generated-postgres-password@postgres:5432/corporate_intel',
  );
});

test('no generated secret stands in what is plain', async () => {
  const made = await composed();
  const plain = (value: unknown): string =>
    JSON.stringify(value, (_key, inner: unknown) => (isSecret(inner) ? 'secret' : inner)) ?? '';
  for (const { name, inputs } of made) assert.doesNotMatch(plain(inputs), /generated-/, name);
});

test('what sees the host may only read it', async () => {
  for (const [name, { mounts = [] }] of services(await composed())) {
    assert.deepEqual(
      mounts.filter(({ readOnly }) => !readOnly),
      [],
      name,
    );
  }
});

test('Prometheus asks eight, A’s three under A’s names (A-MON-1..4, E-SMOKE-25)', async () => {
  const { uploads } = services(await composed()).get('prometheus')!;
  // The token of the store lies beside it, which hides the whole list.
  assert.ok(isSecret(uploads));
  const laid = (uploads as unknown as { value: Inputs['uploads'] }).value;
  const file = laid.find((one) => one.file === '/etc/prometheus/prometheus.yml')!;
  const conf = JSON.parse(String(file.content)) as {
    global: Record<string, unknown>;
    scrape_configs: { job_name: string; static_configs: [{ targets: string[] }] }[];
  };
  assert.deepEqual(conf.global, {
    evaluation_interval: '15s',
    external_labels: { cluster: 'corporate-intel', environment: 'production' },
    scrape_interval: '15s',
    scrape_timeout: '10s',
  });
  const jobs = Object.fromEntries(conf.scrape_configs.map((job) => [job.job_name, job.static_configs[0].targets[0]]));
  assert.equal(Object.keys(jobs).length, 8);
  assert.equal(jobs['corporate-intel-api'], 'api:8000');
  assert.equal(jobs['postgres'], 'postgres-exporter:9187');
  assert.equal(jobs['redis'], 'redis-exporter:9121');
});

test('every health check of A has a gate, and E’s headers and eight targets', async () => {
  const asked = (await composed()).flatMap(
    ({ inputs }) => (inputs as { requirement?: string }).requirement?.split(', ') ?? [],
  );
  const wanted = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12].map((n) => `A-GATE-${n}`),
    ...['A-MIG-1', 'A-MIG-3', 'E-MIG-1', 'E-MIG-2', 'E-MIG-3', 'E-MIG-4', 'E-DATA-1', 'E-SEC-1'],
    ...[1, 2, 3, 4].map((n) => `E-HDR-${n}`),
    ...[25, 27, 28].map((n) => `E-SMOKE-${n}`),
  ];
  assert.deepEqual(
    wanted.filter((id) => !asked.includes(id)),
    [],
  );
});

/** When each resource began and was there, with every gate and run taking its time. */
async function timeline(): Promise<Map<string, { began: number; there: number }>> {
  const times = new Map<string, { began: number; there: number }>();
  let tick = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        const entry = { began: tick++, there: 0 };
        times.set(name, entry);
        await sleep(type.startsWith('pulumi-nodejs:dynamic') ? 15 : 1);
        entry.there = tick++;
        return { id: name, state: { ...(inputs as object), result: 'x', base64: 'x' } };
      },
      call: () => assert.fail('nothing is looked up'),
    },
    'platform',
    'test',
    false,
  );
  standalone({ settings: settingsOf(tree()), secrets: {} });
  await pulumi.runtime.disconnect();
  return times;
}

test('each phase waits for the one before it: database, dump, migration, API, nginx, buckets, checks (A-DEP-2, E-DEP-1)', async () => {
  const times = await timeline();
  const order = [
    ['postgres', 'postgres-healthy', 'database-ready'],
    ['dump-done'],
    ['migrate-done'],
    ['migrations', 'tables'],
    ['api-live'],
    ['nginx'],
    ['nginx-healthy'],
    ['buckets-done'],
    ['endpoint-health', 'security-headers', 'targets-up'],
  ];
  for (const [index, names] of order.slice(1).entries()) {
    const before = Math.max(...order[index]!.map((name) => times.get(name)!.there));
    for (const name of names) {
      assert.ok(times.get(name)!.began > before, `${name} begins before ${order[index]!.join(', ')}`);
    }
  }
});

test('without a folder of certificates it is served in the clear, and nobody is promised TLS (CONF-32)', async () => {
  const all = services(await composed(changed(tree(), 'edge.certificates', undefined)));
  assert.deepEqual(
    all.get('nginx')!.ports.map(({ external }) => external),
    [80],
  );
  assert.doesNotMatch(JSON.stringify(all.get('nginx')!.uploads), /add_header Strict-Transport/);
});

const refused: readonly (readonly [string, string, unknown, RegExp])[] = [
  ['an SSH host that could be anybody', 'docker.ssh', undefined, /docker\.ssh: found nothing; wanted the group/],
  ['volumes that may go in production', 'stack.protect', false, /stack\.protect: found false/],
  [
    'too few connections for two versions',
    'postgres.maxConnections',
    60,
    /postgres\.maxConnections: found 60; wanted at least 70/,
  ],
  ['data that leave no room to rewrite', 'redis.maxMemory', '900Mi', /redis\.maxMemory: found "900Mi"/],
  ['one port for both', 'network.https', 80, /network\.https: found 80/],
  [
    'faults in production',
    'api.extraEnvironment',
    { FAULT_NEVER_READY: '1' },
    /api\.extraEnvironment: found FAULT_NEVER_READY/,
  ],
  ['outside sources without keys', 'api.externalSources', 'on', /api\.externalSources: found "on"/],
  ['a Docker host on TCP', 'docker.address', 'tcp://203.0.113.10:2375', /docker\.address: found "tcp:/],
];
for (const [what, path, value, message] of refused) {
  test(`refused: ${what}`, () => {
    assert.throws(() => settingsOf(changed(tree(), path, value)), message);
  });
}
