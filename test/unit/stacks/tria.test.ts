/** C's system as its guide states it, on a Docker host that is there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { passwordOf, type Made } from '../support/mocks.ts';
import { changed } from './support/raw.ts';
import { existing, triaOf } from './support/tria.ts';

const { made } = await triaOf(existing());
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const FIVE = ['backend', 'frontend', 'nginx', 'postgres', 'redis'];

const ofType = (type: string, of: readonly Made[] = made): readonly Made[] =>
  of.filter((one) => one.type.endsWith(type));
const containers = (of?: readonly Made[]): readonly Made[] =>
  ofType(':Container', of).filter(({ type }) => type.startsWith('docker:'));
const container = (name: string, of?: readonly Made[]): any => containers(of).find((one) => one.name === name)!.inputs;
const gates = (of: readonly Made[] = made): readonly Made[] =>
  of.filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));
const gate = (name: string): any => gates().find((one) => one.name === name)!.inputs;

/** The variables of a container. The plugin takes the list as a whole for a secret as soon as one of it is. */
function variables({ envs }: { envs: Record<string, unknown> }): Map<string, string> {
  assert.ok(SIGNATURE in envs, 'the list is a secret');
  return new Map((envs['value'] as string[]).map((one) => one.split(/=(.*)/s) as [string, string]));
}

describe('the containers', () => {
  test('are the guide’s five by name, on a network of theirs, each found by its part (C-TOPO-1)', () => {
    const services = containers().filter(({ inputs }) => inputs['mustRun'] === true);
    assert.deepEqual(
      services.map(({ inputs }) => inputs['name']),
      FIVE.map((part) => `tria_aibpo_${part}`),
    );
    for (const part of FIVE) {
      assert.deepEqual(container(part).networksAdvanced, [{ name: 'tria_aibpo', aliases: [part] }]);
      assert.deepEqual([container(part).restart, container(part).privileged], ['unless-stopped', undefined]);
    }
  });

  test('publish the database at the loopback address alone, and Redis nowhere (CONF-34, CONF-40)', () => {
    const loopback = [{ internal: 5432, external: 5433, ip: '127.0.0.1', protocol: 'tcp' }];
    assert.deepEqual(container('postgres').ports, loopback);
    for (const part of ['redis', 'frontend']) assert.deepEqual(container(part).ports, []);
    assert.deepEqual(container('nginx').ports, [{ internal: 8080, external: 80, ip: '0.0.0.0', protocol: 'tcp' }]);
    assert.deepEqual(container('backend').ports, [{ internal: 8003, external: 8003, ip: '0.0.0.0', protocol: 'tcp' }]);
  });

  test('are three with the profile backend-only (C-TOPO-2)', async () => {
    const groups = changed(existing(), 'stack.profile', 'backend-only');
    const three = await triaOf({ ...groups, frontend: undefined!, nginx: undefined! });
    const services = containers(three.made).filter(({ inputs }) => inputs['mustRun'] === true);
    assert.deepEqual(
      services.map(({ name }) => name),
      ['backend', 'postgres', 'redis'],
    );
    assert.equal(three.outputs.endpoints.page, null);
    assert.deepEqual(three.outputs.containers, ['tria_aibpo_postgres', 'tria_aibpo_redis', 'tria_aibpo_backend']);
  });

  test('have their logs rotated by Docker, seven of 10 MB (C-LOG-1, CONF-63)', () => {
    for (const { inputs } of containers()) {
      assert.deepEqual([inputs['logDriver'], inputs['logOpts']], ['json-file', { 'max-size': '10m', 'max-file': '7' }]);
    }
  });

  test('keep what they hold in volumes that are protected; ChromaDB’s files too (CONF-64)', () => {
    const held = ofType(':Volume').map(({ inputs }) => inputs['name']);
    assert.deepEqual(held.toSorted(), [
      'tria_aibpo_backups',
      'tria_aibpo_chroma',
      'tria_aibpo_postgres_data',
      'tria_aibpo_redis_data',
    ]);
    const chroma = [{ containerPath: '/app/chroma', volumeName: 'tria_aibpo_chroma', readOnly: false }];
    for (const part of ['backend', 'knowledge']) assert.deepEqual(container(part).volumes, chroma);
  });
});

describe('the 30 variables', () => {
  const STATED = {
    ENVIRONMENT: 'staging',
    POSTGRES_USER: 'tria_admin',
    POSTGRES_DB: 'tria_aibpo',
    POSTGRES_PORT: '5433',
    POSTGRES_SHARED_BUFFERS: '256MB',
    POSTGRES_EFFECTIVE_CACHE_SIZE: '512MB',
    POSTGRES_WORK_MEM: '16MB',
    POSTGRES_MAINTENANCE_WORK_MEM: '128MB',
    REDIS_HOST: 'redis',
    REDIS_PORT: '6379',
    REDIS_DB: '0',
    REDIS_MAX_MEMORY: '512mb',
    OPENAI_MODEL: 'gpt-4',
    OPENAI_TEMPERATURE: '0.7',
    OPENAI_MAX_TOKENS: '2000',
    XERO_SALES_ACCOUNT_CODE: '200',
    XERO_TAX_TYPE: 'OUTPUT2',
    TAX_RATE: '0.08',
    CUTOFF_TIME: '14:00',
    ENABLE_METRICS: 'true',
    DEPLOYMENT_SIZE: 'medium',
  };
  const SECRET = [
    ...['DATABASE_URL', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'OPENAI_API_KEY', 'SENTRY_DSN'],
    ...['XERO_CLIENT_ID', 'XERO_CLIENT_SECRET', 'XERO_REFRESH_TOKEN', 'XERO_TENANT_ID'],
  ];

  test('arrive under their exact names, in a list that is a secret (C-ENV-1..30)', () => {
    const all = variables(container('backend'));
    assert.deepEqual([...all.keys()].toSorted(), [...Object.keys(STATED), ...SECRET].toSorted());
    for (const [name, value] of Object.entries(STATED)) assert.equal(all.get(name), value, name);
    const password = encodeURIComponent(passwordOf('postgres-password'));
    assert.equal(all.get('DATABASE_URL'), `postgresql://tria_admin:${password}@postgres:5432/tria_aibpo`);
    assert.equal(all.get('REDIS_PASSWORD'), passwordOf('redis-password'));
  });

  test('hold what people brought', async () => {
    const brought = {
      ...{ openaiApiKey: 'sk-brought-8431', sentryDsn: 'https://key@sentry.example/1' },
      ...{ xeroClientId: 'a', xeroClientSecret: 'b', xeroRefreshToken: 'c', xeroTenantId: 'd' },
    };
    const { made: with_ } = await triaOf(changed(existing(), 'backend.openai.access', 'on'), brought);
    const all = variables(container('backend', with_));
    assert.equal(all.get('OPENAI_API_KEY'), 'sk-brought-8431');
    assert.equal(all.get('XERO_TENANT_ID'), 'd');
    assert.equal(all.get('SENTRY_DSN'), 'https://key@sentry.example/1');
  });

  test('no secret stands in a command, a label, a plain file or a gate', () => {
    const secrets = ['postgres-password', 'redis-password', 'openai-made-up', 'fingerprint-key'].map(passwordOf);
    const plain = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(plain)
        : value !== null && typeof value === 'object'
          ? SIGNATURE in value
            ? 'secret'
            : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
          : value;
    for (const { name, inputs } of [...containers(), ...gates()]) {
      const text = JSON.stringify(plain(inputs));
      for (const secret of secrets)
        assert.ok(!text.includes(secret) && !text.includes(encodeURIComponent(secret)), name);
    }
  });
});

describe('the gates', () => {
  test('ask what the guide asks', () => {
    assert.deepEqual(gate('select-1').command, ['psql', '-U', 'tria_admin', '-d', 'tria_aibpo', '-c', 'SELECT 1;']);
    assert.equal(gate('knowledge-done').says, '57 total policy chunks indexed');
    const body = { status: 'healthy', database: 'connected', redis: 'connected', chromadb: 'connected' };
    assert.deepEqual([gate('health').path, gate('health').expect], ['/health', { status: 200, json: body }]);
    assert.equal(gate('health').target.url, 'http://203.0.113.5:8003');
    assert.deepEqual(JSON.parse(gate('chat').body as string), {
      message: 'Hello, what is your refund policy?',
      session_id: 'staging-test-1',
    });
    assert.deepEqual(gate('cases').command, ['python', 'tests/test_production_e2e.py']);
    assert.deepEqual(
      gates()
        .filter(({ name }) => name.startsWith('running-'))
        .map(({ inputs }) => inputs['container']),
      FIVE.map((part) => `tria_aibpo_${part}`),
    );
  });

  test('hold the load to the guide’s figures (C-OK-2..5)', async () => {
    const { users, expect } = gate('load-sustained');
    assert.deepEqual([users, expect.errorsBelow, expect.p95Below, expect.hits.above], [10, 5, '10s', 50]);
    const { made: both } = await triaOf(changed(existing(), 'proof.burst', {}));
    const burst = gates(both).find(({ name }) => name === 'load-burst')!.inputs as any;
    assert.deepEqual([burst.users, burst.expect.errorsBelow], [50, 10]);
  });

  test('go through nginx where the backend’s own port is shut', async () => {
    const shut = changed(changed(existing(), 'network.publishBackend', false), 'network.backendFrom', []);
    const { made: behind } = await triaOf({ ...shut, proof: {} });
    assert.deepEqual(container('backend', behind).ports, []);
    const health = gates(behind).find(({ name }) => name === 'health')!.inputs as any;
    assert.equal(health.target.url, 'http://203.0.113.5:80');
  });
});

describe('with a certificate (C-OK-7)', () => {
  const pem = (text: string): string => `-----BEGIN SOME THING-----\n${text}\n-----END SOME THING-----\n`;
  const PEM = { tlsCertificate: pem('CERTIFICATE-1'), tlsKey: pem('KEY-8431') };
  const secured = (port = 443) => changed(existing(), 'nginx.tls', { host: 'chat.example.com', port });

  test('nginx has a port for TLS, and certificate and key as files that are secrets', async () => {
    const { made: all, outputs } = await triaOf(secured(), PEM);
    const { ports, uploads } = container('nginx', all);
    assert.deepEqual(
      ports.map(({ internal, external }: any) => [internal, external]),
      [
        [8443, 443],
        [8080, 80],
      ].toSorted(([, one], [, other]) => one! - other!),
    );
    assert.ok(SIGNATURE in uploads, 'the list is a secret');
    const files = new Map(uploads.value.map(({ file, content }: any) => [file, content]));
    assert.equal(files.get('/etc/nginx/tls/tls.crt'), PEM.tlsCertificate);
    assert.equal(files.get('/etc/nginx/tls/tls.key'), PEM.tlsKey);
    const page = await new Promise((resolve) => outputs.endpoints.page!.apply(resolve));
    assert.equal(page, 'https://chat.example.com');
  });

  test('the page is asked for by the name in it; the backend too, where nginx alone leads there', async () => {
    const urlOf = (of: readonly Made[], name: string): string =>
      (gates(of).find((one) => one.name === name)!.inputs as any).target.url;
    assert.equal(urlOf((await triaOf(secured(8444), PEM)).made, 'page'), 'https://chat.example.com:8444');
    const shut = changed(changed(secured(), 'network.publishBackend', false), 'network.backendFrom', []);
    assert.equal(urlOf((await triaOf(shut, PEM)).made, 'health'), 'https://chat.example.com');
  });

  test('another certificate is another nginx, and nothing else', async () => {
    const labels = (of: readonly Made[]) =>
      new Map(containers(of).map(({ name, inputs }) => [name, JSON.stringify(inputs['labels'])]));
    const [one, other] = [await triaOf(secured(), PEM), await triaOf(secured(), { ...PEM, tlsCertificate: pem('2') })];
    const [before, now] = [labels(one.made), labels(other.made)];
    assert.deepEqual(
      [...now.keys()].filter((name) => now.get(name) !== before.get(name)),
      ['nginx'],
    );
  });
});

test('another version is another occasion for a backup, and another image for the backend and its one-shots alone', async () => {
  const { made: later } = await triaOf(changed(existing(), 'stack.version', '1.1.0'));
  const labels = (of: readonly Made[]) =>
    new Map(containers(of).map(({ name, inputs }) => [name, JSON.stringify(inputs['labels'])]));
  const images = (of: readonly Made[]) =>
    new Map(ofType(':RemoteImage', of).map(({ name, inputs }) => [name, inputs['name']]));
  const differ = <T>(one: Map<string, T>, two: Map<string, T>): string[] =>
    [...one.keys()].filter((name) => one.get(name) !== two.get(name)).toSorted();
  assert.deepEqual(differ(labels(made), labels(later)), ['backend', 'backup', 'frontend']);
  assert.deepEqual(differ(images(made), images(later)), ['backend-image', 'frontend-image', 'knowledge-image']);
});
