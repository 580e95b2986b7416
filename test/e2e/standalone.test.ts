/**
 * The thirteen services of A and E on a real Docker daemon, by the official plugin (E-TOPO-1..4, A-TOPO-3): up with every gate
 * open, quiet, through a restart of the daemon, one replaced beside twelve untouched, and away.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from 'js-yaml';
import { get, removeDocker, restartDocker, type DockerDaemon } from '../../infra/sandbox/docker/index.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { LISTED } from '../../stacks/config/groups/docker.ts';
import { apiImage, imagesOf } from '../../stacks/images.ts';
import { engine, type EngineTest } from '../engine/support/engine.ts';
import { freshDocker, needsPlugin, stateOf } from './support/docker.ts';
import { until } from './support/until.ts';

const STACK = 'standalone-trial';
const THIRTEEN = [
  ...['alertmanager', 'api', 'cadvisor', 'grafana', 'jaeger', 'minio', 'nginx', 'node-exporter', 'postgres'],
  ...['postgres-exporter', 'prometheus', 'redis', 'redis-exporter'],
];

/** The stack wants TimescaleDB, which no registry has either. */
const possible = process.env.TIMESCALEDB_ARCHIVE
  ? needsPlugin
  : { skip: 'TIMESCALEDB_ARCHIVE names no build of TimescaleDB' };

type Groups = Record<string, Record<string, unknown>>;

let daemon: DockerDaemon;
let stack: EngineTest;

/** The tree's own stack, on this daemon and small; nothing is asked for less often than it would be. */
function settings(): Groups {
  const { config } = load(readFileSync(join(CHECKOUT, 'Pulumi.standalone.yaml'), 'utf8')) as { config: Groups };
  const small = { cpu: '1', memory: '256Mi' };
  return {
    ...config,
    'platform:stack': { ...config['platform:stack'], environment: 'local', protect: false },
    'platform:docker': { address: daemon.host },
    'platform:edge': { certificates: '/state/certificates' },
    'platform:postgres': { ...config['platform:postgres'], cpu: '2', memory: '512Mi', maxConnections: 50 },
    'platform:redis': { ...config['platform:redis'], ...small, maxMemory: '64Mi' },
    'platform:minio': { ...config['platform:minio'], ...small },
    'platform:api': {
      ...config['platform:api'],
      ...small,
      processes: 1,
      pool: { size: 5, overflow: 0 },
      watch: '2s',
      drain: '2s',
    },
    'platform:monitoring': { every: '2s', space: '256Mi' },
  };
}

/** A certificate for each host name, of nobody's authority. */
function certificates(hosts: readonly string[]): void {
  for (const host of hosts) {
    const folder = join(daemon.state, 'certificates', host.replaceAll('.', '-'));
    mkdirSync(folder, { recursive: true });
    const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')];
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        ...files,
        ...names,
      ],
      { stdio: 'ignore' },
    );
    execFileSync('chmod', ['644', join(folder, 'tls.key')]);
  }
}

/** What the stack runs, by the list and by the settings. */
const images = (): string[] => {
  const list = imagesOf(false);
  return [
    ...Object.values(LISTED).map((name) => list[name].reference),
    apiImage('docker.io/library/corporate-intel-api', '1.0.0', false).reference,
  ];
};

before(async () => {
  if ('skip' in possible) return;
  daemon = await freshDocker('standalone', images());
  const config = settings();
  const { apiHost, storageHost, monitoringHost } = config['platform:network'] as Record<string, string>;
  certificates([apiHost!, storageHost!, monitoringHost!]);
  stack = await engine({ stack: STACK, config });
});

after(async () => {
  stack?.remove();
  await removeDocker(stateOf('standalone'));
});

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Status: string;
  readonly Ports: readonly { readonly PublicPort?: number }[];
}

const listed = async (): Promise<Map<string, Listed>> => {
  const all = await get<Listed[]>(daemon.socket, '/containers/json?all=1');
  // Of the two colours of the API one is there, when nothing is under way.
  return new Map(all.map((one) => [one.Names[0]!.slice(1).replace(/^api-(blue|green)$/, 'api'), one]));
};

/** All of them healthy, as the daemon itself says. */
const healthy = async (): Promise<void> => {
  const all = await listed();
  for (const name of THIRTEEN) assert.match(all.get(name)?.Status ?? 'not there', /\(healthy\)/, name);
};

/** A request to the host as clients send it, whoever signed its certificate. */
const asked = (path: string): Promise<{ status: number; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const servername = 'api.corporate-intel.example.com';
    const to = { host: daemon.addresses.node, port: 443, path, servername, headers: { host: servername } };
    const call = request({ ...to, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode!, headers: response.headers });
    });
    call.on('error', reject).end();
  });

const reachable = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: daemon.addresses.node, port, timeout: 2000 });
    const said = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', said(true)).on('error', said(false)).on('timeout', said(false));
  });

test('all thirteen come up healthy, and every gate is open', possible, async () => {
  await stack.up();
  await healthy();
  const { containers, gates } = (await stack.outputs()) as never as {
    containers: Record<string, string>;
    gates: Record<string, string>;
  };
  assert.deepEqual(Object.keys(containers), THIRTEEN);
  assert.ok(Object.keys(gates).length > 30);
  assert.deepEqual(new Set(Object.values(gates)), new Set(['pass']));
});

test('a second plan changes nothing', possible, async () => {
  const { changeSummary } = await stack.preview();
  assert.deepEqual(Object.keys(changeSummary), ['same']);
});

test('only the two ports of nginx are open to anybody outside (CONF-34, E-SEC-2)', possible, async () => {
  const open = [...(await listed()).values()].flatMap(({ Ports }) =>
    Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
  );
  assert.deepEqual([...new Set(open)].toSorted(), [443, 80]);
  assert.deepEqual(await Promise.all([80, 443].map(reachable)), [true, true]);
  const inside = [5432, 6379, 8000, 9000, 9001, 9090, 3000, 16_686, 9187, 9121];
  assert.deepEqual((await Promise.all(inside.map(reachable))).filter(Boolean), []);
});

test('E’s four headers stand on an answer from outside', possible, async () => {
  const { status, headers } = await asked('/health');
  assert.equal(status, 200);
  assert.equal(headers['strict-transport-security'], 'max-age=31536000');
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-security-policy'], "default-src 'self'");
});

test('a restart of the daemon brings all of them back, with their data', possible, async () => {
  const before = await listed();
  await restartDocker(daemon);
  await until('all are healthy', () => healthy().then(() => true), 120_000);
  const after = await listed();
  for (const name of THIRTEEN) assert.equal(after.get(name)!.Id, before.get(name)!.Id, name);
  assert.equal((await asked('/api/v1/companies/AAPL')).status, 200);
});

test('one that is changed is another container, and the twelve others are who they were', possible, async () => {
  const before = await listed();
  await stack.configure({ ...settings(), 'platform:monitoring': { every: '2s', space: '256Mi', keepFor: '24h' } });
  await stack.up();
  const after = await listed();
  const others = THIRTEEN.filter((name) => after.get(name)!.Id !== before.get(name)!.Id);
  assert.deepEqual(others, ['prometheus']);
  await healthy();
});

test('it goes, and leaves nothing on the host', possible, async () => {
  await stack.destroy();
  assert.equal((await listed()).size, 0);
  const { Volumes } = await get<{ Volumes: unknown[] | null }>(daemon.socket, '/volumes');
  assert.deepEqual(Volumes ?? [], []);
  const networks = await get<{ Name: string }[]>(daemon.socket, '/networks');
  assert.deepEqual(networks.map(({ Name }) => Name).toSorted(), ['bridge', 'host', 'none']);
});
