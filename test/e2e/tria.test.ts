/** The stack `tria-staging` on a real Docker daemon, by the official plugin: five containers, their gates, and what changes cost. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dockerClient, gatesIn, unframed, verify, type ExportedState } from '../../components/gates/index.ts';
import {
  loadImages,
  removeDocker,
  restartDocker,
  startDocker,
  type DockerDaemon,
} from '../../infra/sandbox/docker/index.ts';
import { imagesNamed } from '../../infra/sandbox/images/index.ts';
import { engine, type EngineTest } from '../engine/support/engine.ts';
import { authority, type Authority } from './support/edge/certificate.ts';
import { until } from './support/until.ts';

const IMAGES = [
  'docker.io/library/postgres:15.20',
  'docker.io/library/redis:7.0.15',
  'docker.io/nginxinc/nginx-unprivileged:1.22.1',
  'docker.io/library/tria-aibpo-backend:1.0.0',
  'docker.io/library/tria-aibpo-backend:1.1.0',
  'docker.io/library/tria-aibpo-frontend:1.0.0',
];
const FIVE = ['backend', 'frontend', 'nginx', 'postgres', 'redis'].map((part) => `tria_aibpo_${part}`);
const THREE = ['backend', 'postgres', 'redis'].map((part) => `tria_aibpo_${part}`);
const HEALTHY = { status: 'healthy', database: 'connected', redis: 'connected', chromadb: 'connected' };
const TUNED = {
  shared_buffers: 'POSTGRES_SHARED_BUFFERS',
  effective_cache_size: 'POSTGRES_EFFECTIVE_CACHE_SIZE',
  work_mem: 'POSTGRES_WORK_MEM',
  maintenance_work_mem: 'POSTGRES_MAINTENANCE_WORK_MEM',
};
const ONE_SHOTS = ['backup', 'knowledge'].map((task) => `tria_aibpo_${task}`);

/** On a real file system, with a short name: a socket's path has its limit. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tria-')));
let daemon: DockerDaemon;
let stack: EngineTest;
let trusted: Authority;
let settings: Record<string, unknown>;

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly Env: readonly string[] };
  readonly HostConfig: { readonly LogConfig: unknown; readonly PortBindings: unknown };
}

const docker = () => dockerClient({ address: daemon.host });
const inspect = (name: string): Promise<Inspected> => docker().json<Inspected>('GET', `/containers/${name}/json`);
const names = async (all: boolean): Promise<string[]> =>
  (await docker().json<{ Names: string[] }[]>('GET', `/containers/json?all=${all}`))
    .map(({ Names }) => Names[0]!.slice(1))
    .toSorted();
const ids = async (): Promise<Record<string, string>> =>
  Object.fromEntries(await Promise.all((await names(false)).map(async (name) => [name, (await inspect(name)).Id])));

async function inside(name: string, ...command: string[]): Promise<string> {
  const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const { Id } = await docker().json<{ Id: string }>('POST', `/containers/${name}/exec`, { body });
  return unframed(await docker().bytes('POST', `/exec/${Id}/start`, { body: { Detach: false } })).trim();
}

/** Both streams of a container that has ended. */
const output = async (name: string): Promise<string> =>
  unframed(await docker().bytes('GET', `/containers/${name}/logs?stdout=1&stderr=1`));

/** The files in the volume of the backups, by a container that looks and goes. */
async function listing(): Promise<string[]> {
  const body = {
    Image: 'docker.io/library/postgres:15.20',
    Entrypoint: ['sh', '-c', 'cd /backups && sha256sum --check --quiet *.sha256 && ls -1'],
    HostConfig: { Binds: ['tria_aibpo_backups:/backups:ro'] },
  };
  const { Id } = await docker().json<{ Id: string }>('POST', '/containers/create', { body });
  try {
    await docker().json('POST', `/containers/${Id}/start`);
    await docker().json('POST', `/containers/${Id}/wait`);
    return (await output(Id)).trim().split('\n');
  } finally {
    // With the volume that the image would have had where the backups are.
    await docker().json('DELETE', `/containers/${Id}?v=true`);
  }
}

const at = (port: number, path: string): string => `http://${daemon.addresses.node}:${port}${path}`;
const get = (port: number, path: string): Promise<Response> =>
  fetch(at(port, path), { signal: AbortSignal.timeout(10_000) });

/** The same over TLS, which has to be the test's own authority's. */
const secure = (path: string, options: https.RequestOptions = {}) =>
  new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const where = { host: daemon.addresses.node, path, ca: trusted.ca, timeout: 10_000, agent: false as const };
    const request = https.get({ ...where, ...options }, (answer) => {
      answer.setEncoding('utf8');
      let body = '';
      answer.on('data', (text: string) => (body += text));
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
    });
    request.on('error', reject);
  });
const ask = (): Promise<Response> =>
  fetch(at(80, '/api/chatbot'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'What is your refund policy?', session_id: 'e2e' }),
  });

/** What gates in the state say now, by their names. */
async function verdicts(names: readonly string[]): Promise<Record<string, string>> {
  const { output } = await stack.pulumi(['stack', 'export']);
  const gates = gatesIn(JSON.parse(output) as ExportedState).filter(({ inputs }) => names.includes(inputs.name));
  return Object.fromEntries(
    await Promise.all(
      gates.map(async ({ type, inputs }) => [inputs.name, (await verify(type, inputs)).verdict] as const),
    ),
  );
}

const healthy = (): Promise<void> =>
  until(
    'all five are healthy',
    async () => {
      for (const name of FIVE) assert.equal((await inspect(name)).State.Health?.Status, 'healthy', name);
      return true;
    },
    60_000,
  );

const quiet = async (): Promise<void> => {
  const { steps } = await stack.preview();
  const changed = steps.filter(({ op }) => op !== 'same');
  assert.deepEqual(
    changed.map(({ op, urn, ...rest }) => `${op} ${urn} ${JSON.stringify(rest).slice(0, 2000)}`),
    [],
  );
};

before(async () => {
  daemon = await startDocker({ state: join(folder, 'd') });
  await loadImages(daemon, await imagesNamed(IMAGES));
  settings = {
    'platform:stack': { version: '1.0.0', protect: false },
    'platform:host': {
      kind: 'existing',
      existing: { address: daemon.host, publicAddress: daemon.addresses.node },
      ssh: null,
      ec2: null,
    },
    'platform:frontend': { version: '1.0.0' },
    'platform:proof': { sustained: { duration: '3s' }, burst: { duration: '2s' } },
  };
  // Gates believe whom the machine believes, and this one besides.
  trusted = await authority();
  writeFileSync(join(folder, 'ca.crt'), trusted.ca);
  const env = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt') };
  stack = await engine({ stack: 'tria-staging', config: settings, env });
});
after(async () => {
  await removeDocker(join(folder, 'd'));
  stack?.remove();
  trusted?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The update that follows has these settings over those of all of them. */
const set = (more: Record<string, unknown>): Promise<void> => stack.configure({ ...settings, ...more });
const version = (wanted: string) => ({
  'platform:stack': { ...(settings['platform:stack'] as object), version: wanted },
});

test('five containers come up healthy under the guide’s names, behind every gate', async () => {
  await stack.up();
  assert.deepEqual(await names(false), FIVE);
  assert.deepEqual(await names(true), [...FIVE, ...ONE_SHOTS].toSorted());
  await healthy();
  const { gates, publicIp, containers } = await stack.outputs();
  assert.deepEqual([...new Set(Object.values(gates as Record<string, string>))], ['pass']);
  assert.equal(publicIp, daemon.addresses.node);
  assert.deepEqual([...(containers as string[])].toSorted(), FIVE);
});

test('a second plan is quiet', quiet);

test('nginx leads to the page and to the backend, the backend answers at its own port, and nothing else answers', async () => {
  assert.match(await (await get(80, '/')).text(), /Tria AI-BPO/);
  assert.deepEqual(await (await get(80, '/health')).json(), HEALTHY);
  assert.deepEqual(await (await get(8003, '/health')).json(), HEALTHY);
  assert.match(await (await get(8003, '/metrics')).text(), /cache_requests_total/);
  assert.equal((await (await get(80, '/metrics')).text()).includes('cache_requests_total'), false);
  assert.match(((await (await ask()).json()) as { response: string }).response, /30 days/);
  for (const closed of [5432, 5433, 6379]) await assert.rejects(get(closed, '/'), String(closed));
  const { HostConfig } = await inspect('tria_aibpo_postgres');
  assert.deepEqual(HostConfig.PortBindings, { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: '5433' }] });
  assert.deepEqual(HostConfig.LogConfig, { Type: 'json-file', Config: { 'max-file': '7', 'max-size': '10m' } });
});

test('PostgreSQL and Redis are tuned as the variables say, and both want their passwords', async () => {
  const env = new Map(
    (await inspect('tria_aibpo_backend')).Config.Env.map((one) => one.split(/=(.*)/s) as [string, string]),
  );
  const psql = (query: string) =>
    inside('tria_aibpo_postgres', 'psql', '-U', 'tria_admin', '-d', 'tria_aibpo', '-Atc', query);
  for (const [setting, variable] of Object.entries(TUNED))
    assert.equal(await psql(`SHOW ${setting}`), env.get(variable));
  assert.match(await psql('SELECT count(*) FROM chat_messages'), /^[1-9]/);
  const redis = (...args: string[]) => inside('tria_aibpo_redis', 'redis-cli', ...args);
  assert.match(await redis('CONFIG', 'GET', 'maxmemory'), /536870912/);
  assert.match(await inside('tria_aibpo_redis', 'env', '-u', 'REDISCLI_AUTH', 'redis-cli', 'PING'), /NOAUTH/);
  assert.equal(await redis('CONFIG', 'GET', 'requirepass'), 'requirepass');
  const address = `postgresql://tria_admin:wrong@postgres:5432/tria_aibpo`;
  assert.match(
    await inside('tria_aibpo_postgres', 'psql', address, '-c', 'SELECT 1'),
    /password authentication failed/,
  );
});

test('a new version replaces the backend alone, after a backup that can be read back', async () => {
  const before = await ids();
  await set(version('1.1.0'));
  await stack.up();
  assert.deepEqual(await (await get(8003, '/version')).json(), { version: '1.1.0' });
  const changed = Object.entries(await ids()).filter(([name, id]) => before[name] !== id);
  assert.deepEqual(
    changed.map(([name]) => name),
    ['tria_aibpo_backend'],
  );
  // Two updates, two backups, each with its check sum.
  assert.match(await output('tria_aibpo_backup'), /^backup complete: backup_\d{8}_\d{6}\.dump, \d+ bytes$/m);
  const listed = await listing();
  assert.equal(listed.length, 4);
  assert.ok(
    listed.every((file) => /^backup_\d{8}_\d{6}\.dump(\.sha256)?$/.test(file)),
    listed.join(),
  );
});

test('without Redis, and without PostgreSQL, the gates stay shut that are about them', async () => {
  for (const cut of ['redis', 'postgres']) {
    await docker().json('POST', `/containers/tria_aibpo_${cut}/stop`);
    try {
      assert.equal((await get(8003, '/health')).status, 503);
      assert.equal((await ask()).status, 503);
      const { 'knowledge-done': known, ...said } = await verdicts(['health', 'chat', 'knowledge-done']);
      assert.deepEqual(Object.keys(said).toSorted(), ['chat', 'health']);
      // A question may take longer than a gate waits, while the name of what was cut is looked for: that is no answer either.
      assert.deepEqual([said['health'], said['chat'] !== 'pass'], ['fail', true]);
      // What was proven of something else stays proven.
      assert.equal(known, 'pass');
    } finally {
      await docker().json('POST', `/containers/tria_aibpo_${cut}/start`);
    }
    await healthy();
  }
  assert.deepEqual(await verdicts(['health', 'cases']), { health: 'pass', cases: 'pass' });
});

test('a daemon that restarts has all five again, with what they knew', async () => {
  const before = await ids();
  await restartDocker(daemon);
  await healthy();
  assert.deepEqual(await ids(), before);
  assert.equal((await ask()).status, 200);
  await quiet();
});

test('with a certificate all of it is served over TLS by the name in it, nobody in the clear, and only nginx is another', async () => {
  const before = await ids();
  const host = daemon.addresses.node;
  const { certificate, key } = await trusted.sign(host);
  await set({ ...version('1.1.0'), 'platform:nginx': { tls: { host } } });
  await stack.pulumi(['config', 'set', '--secret', 'platform:tlsCertificate', '--', certificate]);
  await stack.pulumi(['config', 'set', '--secret', 'platform:tlsKey', '--', key]);
  await stack.up();
  const page = await secure('/');
  assert.deepEqual([page.status, /Tria AI-BPO/.test(page.body)], [200, true]);
  assert.match(String(page.headers['strict-transport-security']), /^max-age=31536000/);
  assert.deepEqual(JSON.parse((await secure('/health')).body), HEALTHY);
  assert.equal((await secure('/metrics')).body.includes('cache_requests_total'), false);
  const clear = await fetch(at(80, '/health?a=b'), { redirect: 'manual' });
  assert.deepEqual([clear.status, clear.headers.get('location')], [308, `https://${host}/health?a=b`]);
  // OpenSSL itself would refuse what nginx has to refuse.
  const older = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  await assert.rejects(secure('/', older), /alert protocol version/);
  const changed = Object.entries(await ids()).filter(([name, id]) => before[name] !== id);
  assert.deepEqual(
    changed.map(([name]) => name),
    ['tria_aibpo_nginx'],
  );
  const { output: state } = await stack.pulumi(['stack', 'export']);
  assert.ok(!state.includes('PRIVATE KEY'), 'the key is in no plain state');
});

test('the earlier version comes back by stating it; backend-only lets frontend and nginx go, and touches no store', async () => {
  const before = await ids();
  await set({
    'platform:stack': { version: '1.0.0', protect: false, profile: 'backend-only' },
    ...{ 'platform:frontend': null, 'platform:nginx': null },
    'platform:proof': { sustained: null, burst: null, cases: false },
  });
  await stack.up();
  assert.deepEqual(await names(false), THREE);
  const kept = await ids();
  for (const store of ['tria_aibpo_postgres', 'tria_aibpo_redis']) assert.equal(kept[store], before[store], store);
  assert.deepEqual(await (await get(8003, '/version')).json(), { version: '1.0.0' });
});

test('a destroy leaves no container, no volume and no network', async () => {
  await stack.destroy();
  assert.deepEqual(await names(true), []);
  assert.deepEqual((await docker().json<{ Volumes: unknown[] }>('GET', '/volumes')).Volumes ?? [], []);
  const networks = await docker().json<{ Name: string }[]>('GET', '/networks');
  assert.deepEqual(networks.map(({ Name }) => Name).toSorted(), ['bridge', 'host', 'none']);
});
