/** The reference API on a real PostgreSQL, Redis and MinIO: what the platform's gates and smoke tests rely on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { json, world, type Api } from './support/api.ts';
import { Container, eventually, unpack } from './support/container.ts';
import { needles } from './support/needles.ts';
import { patient } from './support/until.ts';

const one = await unpack('docker.io/library/corporate-intel-api:1.0.0');
const { plain, running, start, command, printed, end } = await world();

before(async () => {
  await eventually(() => plain.query('SELECT 1'), 30_000);
  await plain.makeBuckets();
  await command(one, ['migrate']);
});
after(end);

describe('settings', () => {
  test('a start without settings names all 35 variables and ends', async () => {
    const output = await Container.run(one, { env: {} }, 1);
    const named = output.match(/[A-Z0-9_]+(?=: not set)/g) ?? [];
    assert.equal(named.length, 35);
    assert.deepEqual(named.toSorted(), Object.keys(plain.env).toSorted());
  });

  test('every malformed variable is named at once, and no value is printed', async () => {
    const malformed = {
      ENVIRONMENT: 'Not A Name',
      DEBUG: 'perhaps-8431',
      LOG_LEVEL: 'LOUD',
      SECRET_KEY: 'short-8431',
      POSTGRES_PORT: '65536',
      POSTGRES_PASSWORD: '',
      REDIS_PORT: 'six-8431',
      REDIS_DB: '16',
      MINIO_ENDPOINT: 'http://minio-8431:9000',
      MINIO_ACCESS_KEY: 'ab',
      MINIO_SECRET_KEY: 'tiny843',
      MINIO_USE_SSL: 'maybe-8431',
      MINIO_BUCKET_DOCUMENTS: 'Upper_8431',
      MINIO_BUCKET_REPORTS: 'x',
      ALPHA_VANTAGE_API_KEY: '',
      NEWSAPI_KEY: '',
      SEC_USER_AGENT: 'nobody-8431',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger-8431:4317',
      OTEL_SERVICE_NAME: '',
      OTEL_TRACES_ENABLED: '2-8431',
      SENTRY_DSN: 'nonsense-8431',
      SENTRY_TRACES_SAMPLE_RATE: '1.01',
      GRAFANA_PASSWORD: '',
      API_PORT: '0',
      CORS_ORIGINS: '["*"]',
      RATE_LIMIT_PER_MINUTE: '0',
      SESSION_TIMEOUT_MINUTES: '-1',
    };
    const output = await Container.run(one, { env: { ...plain.env, ...malformed } }, 1);
    for (const name of Object.keys(malformed)) assert.match(output, new RegExp(`^corporate-intel: ${name}: `, 'm'));
    assert.equal(output.trim().split('\n').length, 1 + Object.keys(malformed).length);
    assert.doesNotMatch(output, /8431|tiny843/);
  });

  test('an address that disagrees with its parts is refused', async () => {
    const output = await Container.run(one, { env: { ...plain.env, POSTGRES_HOST: 'elsewhere', REDIS_DB: '1' } }, 1);
    assert.match(output, /DATABASE_URL: does not agree with POSTGRES_HOST$/m);
    assert.match(output, /REDIS_URL: does not agree with REDIS_DB$/m);
  });

  test('CORS_ORIGINS must be a JSON array', async () => {
    const output = await Container.run(one, { env: { ...plain.env, CORS_ORIGINS: 'https://a.example' } }, 1);
    assert.match(output, /CORS_ORIGINS: Invalid JSON/);
  });

  test('a fault of an unknown name is refused', async () => {
    assert.match(await command(one, ['serve'], { FAULT_SLOW: '1' }, 1), /FAULT_SLOW: extra fields not permitted/);
  });
});

describe('serving', () => {
  let it: Api;
  before(async () => {
    it = await start(one);
  });

  test('/health answers with exactly the body of the deployment plan', async () => {
    const response = await it.get('/health');
    assert.equal(response.status, 200);
    const { timestamp, ...rest } = await json(response);
    assert.deepEqual(rest, { status: 'healthy', environment: 'staging', version: '1.0.0' });
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    assert.ok(Math.abs(Date.parse(String(timestamp)) - Date.now()) < 60_000);
  });

  test('companies and quotes come out of the database', async () => {
    await plain.query("UPDATE companies SET name = 'Apple Renamed' WHERE ticker = 'AAPL'");
    const found = await json(await it.get('/api/v1/companies/search?q=Renamed'));
    assert.deepEqual(found['results'], [{ ticker: 'AAPL', name: 'Apple Renamed', category: 'Technology' }]);
    const quotes = await json(await it.get('/api/v1/market/quotes?symbols=AAPL,NONE'));
    const [stored] = await plain.query(
      "SELECT close::float8, volume::int FROM market_data JOIN companies ON id = company_id WHERE ticker = 'AAPL' ORDER BY observed_at DESC LIMIT 1",
    );
    const [quote] = quotes['quotes'] as Record<string, unknown>[];
    assert.deepEqual(
      [quote!['symbol'], quote!['price'], quote!['volume']],
      ['AAPL', stored!['close'], stored!['volume']],
    );
    assert.deepEqual(quotes['unknown'], ['NONE']);
    const listed = await json(await it.get('/api/v1/companies?category=Technology'));
    assert.equal((listed['companies'] as unknown[]).length, 69);
    assert.equal((await it.get('/api/v1/companies/NONE')).status, 404);
    assert.equal((await it.get('/api/v1/market/quotes')).status, 422);
  });

  test('log-in: 401 for wrong credentials, 422 for malformed ones, a token for right ones, and only a real token counts', async () => {
    const login = (body: unknown): Promise<Response> =>
      it.get('/api/v1/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    assert.equal((await login({ username: 'test', password: 'test' })).status, 401);
    assert.equal((await login({ username: 'admin', password: 'test' })).status, 401);
    assert.equal((await login({ username: 'admin' })).status, 422);
    await command(one, ['set-password', 'admin'], {}, 0, 'a long password\n');
    const session = await json(await login({ username: 'admin', password: 'a long password' }));
    assert.equal(session['expires_in'], 120 * 60);
    const token = String(session['access_token']);
    const me = (authorization?: string): Promise<Response> =>
      it.get('/api/v1/auth/me', authorization ? { headers: { authorization } } : {});
    assert.deepEqual(await json(await me(`Bearer ${token}`)), { username: 'admin', role: 'admin' });
    assert.equal((await me()).status, 401);
    assert.equal((await me(`Bearer ${token.slice(0, -4)}AAAA`)).status, 401);
    const put = await it.get('/api/v1/documents/a.txt', {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body: 'text',
    });
    assert.equal(put.status, 201, await put.text());
    const documents = await it.get('/api/v1/documents', { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual((await json(documents))['documents'], [{ name: 'a.txt', size: 4 }]);
    assert.deepEqual(await plain.query('SELECT name, size::int FROM documents'), [{ name: 'a.txt', size: 4 }]);
  });

  test('CORS: the configured origin is allowed, another is not', async () => {
    const ask = async (origin: string): Promise<string | null> =>
      (
        await it.get('/api/v1/companies', {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'GET' },
        })
      ).headers.get('access-control-allow-origin');
    assert.equal(
      await ask('https://staging.corporate-intel.example.com'),
      'https://staging.corporate-intel.example.com',
    );
    assert.equal(await ask('https://evil.example'), null);
  });

  test('the rate limit turns the next request away, and never health or metrics', async () => {
    const { get, container } = await start(one, { RATE_LIMIT_PER_MINUTE: '3' });
    const room = 60_000 - (Date.now() % 60_000);
    if (room < patient(5_000)) await sleep(room + 100); // the counter is one of a minute
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await get('/api/v1/companies')).status);
    assert.ok(statuses.includes(429) && statuses.at(-1) === 429, String(statuses));
    for (const path of ['/health', '/ready', '/metrics', '/api/v1/health/redis'])
      assert.equal((await get(path)).status, 200);
    assert.ok(Number((await get('/api/v1/companies')).headers.get('retry-after')) > 0);
    await container.stop();
  });

  test('metrics count requests by route and status, and tell times, connections and pool', async () => {
    await it.get('/nowhere/somebody');
    await it.get('/api/v1/companies/AAPL');
    const text = await (await it.get('/metrics')).text();
    assert.match(
      text,
      /^http_requests_total\{method="GET",path="\/api\/v1\/companies\/\{ticker\}",status="200"\} [1-9]/m,
    );
    assert.match(text, /^http_requests_total\{method="GET",path="other",status="404"\} [1-9]/m);
    assert.match(text, /^http_request_duration_seconds_bucket\{le="0\.1",/m);
    assert.match(text, /^http_connections_active 1\.0$/m);
    assert.match(text, /^db_pool_size 10\.0$/m);
    assert.match(text, /^db_pool_connections\{state="used"\} 0\.0$/m);
    // Words, not digits: those can stand in any time that was measured.
    assert.doesNotMatch(text, /somebody|AAPL/);
  });
});

describe('health', () => {
  let it: Api;
  before(async () => {
    it = await start(one);
  });

  for (const [name, path] of [
    ['postgres', 'database'],
    ['redis', 'redis'],
    ['minio', 'minio'],
  ] as const) {
    const status = async (what: string): Promise<number> => (await it.get(`/api/v1/health/${what}`)).status;

    test(`${path}: gone, its check and only its check fails; back again, it recovers without a restart`, async () => {
      assert.equal(await status(path), 200);
      await running[name].kill();
      // The last of its processes may outlive the first by a moment.
      await eventually(async () => assert.equal(await status(path), 503));
      const answer = await it.get(`/api/v1/health/${path}`);
      assert.equal(answer.status, 503);
      assert.ok(String((await json(answer))['reason']).length > 10);
      for (const other of ['database', 'redis', 'minio']) if (other !== path) assert.equal(await status(other), 200);
      await eventually(async () => {
        assert.equal((await it.get('/health')).status, path === 'database' ? 503 : 200);
      });
      assert.equal((await it.get('/ready')).status, path === 'database' ? 503 : 200);
      assert.equal((await it.get('/live')).status, 200);
      running[name] = plain.start[name]();
      await eventually(async () => assert.equal(await status(path), 200), 30_000);
      await eventually(async () => assert.equal((await it.get('/health')).status, 200));
    });

    test(`${path}: hanging, its check fails within 5 s, again and again, and recovers`, async () => {
      assert.equal(await status(path), 200); // a connection is open now, and hangs with the rest
      const goOn = await running[name].hang();
      try {
        for (let n = 0; n < 2; n++) {
          const began = Date.now();
          assert.equal(await status(path), 503);
          assert.ok(Date.now() - began < patient(5_000), `${Date.now() - began} ms`);
        }
        assert.equal((await it.get('/live')).status, 200);
      } finally {
        goOn();
      }
      await eventually(async () => assert.equal(await status(path), 200), 15_000);
    });
  }

  test('without Redis, companies are still answered', async () => {
    await running.redis.kill();
    assert.equal((await it.get('/api/v1/companies')).status, 200);
    running.redis = plain.start.redis();
    await eventually(async () => assert.equal((await it.get('/api/v1/health/redis')).status, 200));
  });

  test('a missing bucket is unhealthy', async () => {
    const { get, container } = await start(one, { MINIO_BUCKET_REPORTS: 'not-there' });
    const statuses = new Set<number>();
    // Where the machine is busy the store is late first, which is another reason; well it never is.
    await eventually(async () => {
      const answer = await get('/api/v1/health/minio');
      statuses.add(answer.status);
      assert.match(String((await json(answer))['reason']), /no bucket not-there/);
    });
    assert.deepEqual([...statuses], [503]);
    await container.stop();
  });
});

test('no secret is in anything that was printed, even at level DEBUG', () => {
  const output = printed();
  const found = (text: string): string[] =>
    [...plain.secrets, 'a long password'].filter((secret) => needles(secret).some((form) => text.includes(form)));
  assert.match(output, /"level": "DEBUG".*POST \/api\/v1\/auth\/login: 200/);
  assert.match(output, /does not agree with|is at 0015|went from/);
  for (const secret of plain.secrets) {
    const planted = [secret, Buffer.from(`x${secret}`).toString('base64'), encodeURIComponent(secret)];
    for (const form of planted) assert.deepEqual(found(`${output} ${form} `), [secret]);
  }
  assert.deepEqual(found(output), []);
});
