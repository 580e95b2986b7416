/** The stand-in for the chatbot's backend on a real PostgreSQL and Redis: what the gates of `tria-staging` rely on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Backend, command, stores } from './support/chatbot.ts';
import { Container, eventually, unpack } from './support/container.ts';

const image = await unpack('docker.io/library/tria-aibpo-backend:1.0.0');
const world = await stores();
const { env, query } = world;
const HEALTHY = { status: 'healthy', database: 'connected', redis: 'connected', chromadb: 'connected' };
const QUESTION = 'Hello, what is your refund policy?';

describe('settings', () => {
  test('a start without settings names all 30 variables and ends', async () => {
    const named = (await Container.run(image, { env: {} }, 1)).match(/[A-Z0-9_]+(?=: not set)/g) ?? [];
    assert.equal(named.length, 30);
    assert.deepEqual(named.toSorted(), Object.keys(env).toSorted());
  });

  test('every malformed variable is named at once, and no value is printed', async () => {
    const malformed = {
      ENVIRONMENT: 'Not A Name',
      POSTGRES_PASSWORD: 'CHANGE_THIS_PASSWORD_123',
      POSTGRES_PORT: '65536',
      POSTGRES_SHARED_BUFFERS: '256',
      POSTGRES_WORK_MEM: 'lots',
      REDIS_PASSWORD: 'CHANGE_THIS_REDIS_PASSWORD_456',
      REDIS_DB: '16',
      REDIS_MAX_MEMORY: '512MB',
      OPENAI_API_KEY: 'sk-YOUR_OPENAI_API_KEY_HERE',
      OPENAI_TEMPERATURE: '2.1',
      OPENAI_MAX_TOKENS: '0',
      XERO_CLIENT_ID: 'YOUR_CLIENT_ID',
      TAX_RATE: '8',
      CUTOFF_TIME: '24:00',
      ENABLE_METRICS: 'perhaps',
      SENTRY_DSN: 'nonsense-8431',
      DEPLOYMENT_SIZE: 'huge',
    };
    const output = await Container.run(image, { env: { ...env, ...malformed } }, 1);
    for (const name of Object.keys(malformed)) assert.match(output, new RegExp(`^tria-aibpo: ${name}: `, 'm'));
    assert.equal(output.trim().split('\n').length, Object.keys(malformed).length);
    assert.doesNotMatch(output, /8431|PASSWORD_123|KEY_HERE/);
  });

  test('an address that disagrees with its parts is refused, and so is half an account at Xero', async () => {
    const output = await Container.run(image, { env: { ...env, POSTGRES_DB: 'other', XERO_CLIENT_ID: 'a' } }, 1);
    assert.match(output, /DATABASE_URL: does not agree with POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB$/m);
    assert.match(output, /XERO_CLIENT_SECRET, XERO_REFRESH_TOKEN, XERO_TENANT_ID: empty; want all four or none$/m);
  });
});

describe('serving', () => {
  let postgres: Container;
  let redis: Container;
  let backend: Backend;
  before(async () => {
    [postgres, redis] = [world.start.postgres(), world.start.redis()];
    await eventually(() => query('SELECT 1'), 30_000);
    backend = await Backend.start(image, world);
  });
  after(async () => {
    for (const one of [backend.container, redis, postgres]) await one.kill();
  });

  test('health says of each of the three that it is connected', async () => {
    await eventually(async () => assert.deepEqual(await backend.get('/health'), { status: 200, body: HEALTHY }));
  });

  test('nothing is answered before the knowledge base is built, which one script does when told yes', async () => {
    assert.equal((await backend.ask(QUESTION)).status, 503);
    const script = ['python', 'scripts/build_knowledge_base_from_markdown.py'];
    assert.match(await command(image, world, script, {}, 1), /57 chunks would be indexed; say --yes/);
    assert.equal((await backend.ask(QUESTION)).status, 503);
    for (const _ of [1, 2]) {
      assert.match(await command(image, world, [...script, '--yes']), /^57 total policy chunks indexed$/m);
    }
    await backend.get('/health');
    assert.match(backend.container.output, /57 total policy chunks indexed/);
  });

  test('a question is answered out of its policy; asked again, out of Redis; and PostgreSQL keeps what was said', async () => {
    const first = await backend.ask(QUESTION, 'staging-test-1');
    assert.equal(first.status, 200);
    assert.match(String(first.body['response']), /30 days/);
    assert.deepEqual([first.body['intent'], first.body['tone'], first.body['cached']], ['policy', 'helpful', false]);
    assert.equal((await backend.ask(QUESTION, 'staging-test-1')).body['cached'], true);
    const rows = await query("SELECT question FROM chat_messages WHERE session_id = 'staging-test-1'");
    assert.deepEqual(rows, [{ question: QUESTION }, { question: QUESTION }]);
    const figures = await backend.metrics();
    assert.match(figures, /^cache_requests_total\{result="hit"\} 1\.0$/m);
    assert.match(figures, /^cache_requests_total\{result="miss"\} 1\.0$/m);
  });

  test('its three cases pass, its samples load twice, its schema is complete', async () => {
    const cases = ['python', 'tests/test_production_e2e.py'];
    assert.match(await command(image, world, cases, { TRIA_URL: backend.url }), /^3 of 3 test cases passed$/m);
    for (const _ of [1, 2]) {
      const samples = await command(image, world, ['python', 'scripts/setup_test_environment.py']);
      assert.match(samples, /^3 sample orders$/m);
    }
    assert.match(await command(image, world, ['python', 'migrations/migrate.py']), /complete/);
    assert.match(String((await backend.ask('Where is my order TR-1001?')).body['response']), /TR-1001 is shipped/);
  });

  test('without Redis it is unhealthy and answers nothing, and mends when Redis is back', async () => {
    await redis.kill();
    const { status, body } = await backend.get('/health');
    assert.deepEqual([status, body], [503, { ...HEALTHY, status: 'unhealthy', redis: 'disconnected' }]);
    assert.equal((await backend.ask(QUESTION)).status, 503);
    const cases = await command(image, world, ['python', 'tests/test_production_e2e.py'], { TRIA_URL: backend.url }, 1);
    assert.match(cases, /^0 of 3 test cases passed$/m);
    redis = world.start.redis();
    await eventually(async () => assert.equal((await backend.get('/health')).status, 200));
    assert.equal((await backend.ask(QUESTION)).status, 200);
  });

  test('without PostgreSQL it is unhealthy and answers nothing, and mends when PostgreSQL is back', async () => {
    await postgres.kill();
    const { status, body } = await backend.get('/health');
    assert.deepEqual([status, body], [503, { ...HEALTHY, status: 'unhealthy', database: 'disconnected' }]);
    assert.equal((await backend.ask(QUESTION)).status, 503);
    postgres = world.start.postgres();
    await eventually(async () => assert.equal((await backend.get('/health')).status, 200), 20_000);
    assert.equal((await backend.ask(QUESTION)).status, 200);
  });

  test('metrics can be switched off; a later release says so', async () => {
    const later = await Backend.start(await unpack('docker.io/library/tria-aibpo-backend:1.1.0'), world, {
      ENABLE_METRICS: 'false',
    });
    try {
      assert.equal((await later.get('/metrics')).status, 404);
      assert.deepEqual((await later.get('/version')).body, { version: '1.1.0' });
    } finally {
      await later.container.kill();
    }
  });
});
