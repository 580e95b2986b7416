/** Reports by way of RabbitMQ: asked for at the API, written by a worker, never lost on the way. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { json, world, type Api } from './support/api.ts';
import { Container, eventually, freePort, scratch, unpack } from './support/container.ts';

const PASSWORD = 'a long password';
const one = await unpack('docker.io/library/corporate-intel-api:1.0.0');
const rabbitmq = await unpack('docker.io/library/rabbitmq:');
const { plain, running, start, command, end } = await world();
const folder = scratch();
const port = await freePort();
const broker = {
  user: 999,
  env: {
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${await freePort()}`,
    ERL_EPMD_PORT: `${await freePort()}`,
  },
  mounts: { '/var/lib/rabbitmq': join(folder, 'rabbitmq') },
  scratch: ['/tmp'],
};
const QUEUED = { CELERY_BROKER_URL: `amqp://guest:guest@127.0.0.1:${port}//` };

let rabbit = new Container(rabbitmq, broker);
const workers: { container: Container; tmp: string }[] = [];

/** A worker whose `/tmp` can be looked into. */
async function work(): Promise<{ container: Container; tmp: string }> {
  const tmp = join(folder, `worker-${workers.length}`);
  const env = { ...plain.env, ...QUEUED, WORKER_METRICS_PORT: `${await freePort()}` };
  const container = new Container(one, { env, args: ['worker'], mounts: { '/tmp': tmp } });
  workers.push({ container, tmp });
  return { container, tmp };
}

/** A user's requests. */
async function signedIn({ get }: Api) {
  const session = await get('/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'analyst', password: PASSWORD }),
  });
  const headers = {
    authorization: `Bearer ${String((await json(session))['access_token'])}`,
    'content-type': 'application/json',
  };
  const want = (ticker: string): Promise<Response> =>
    get('/api/v1/reports', { method: 'POST', headers, body: JSON.stringify({ ticker, period: '2025Q3' }) });
  const order = async (ticker: string): Promise<number> => {
    const answer = await want(ticker);
    const body = await json(answer);
    assert.equal(answer.status, 202, JSON.stringify(body));
    return Number(body['id']);
  };
  const look = async (id: number) => json(await get(`/api/v1/reports/${id}`, { headers }));
  return { want, order, look };
}

/** RabbitMQ as it is seen by its own tool. */
const queues = async (): Promise<string> =>
  Container.run(rabbitmq, {
    ...broker,
    entrypoint: ['rabbitmqctl', '--quiet', 'list_queues', 'name', 'type', 'messages', 'consumers'],
    args: [],
  });

before(async () => {
  assert.ok(!rabbit.over, rabbit.output);
  await eventually(() => plain.query('SELECT 1'), 60_000);
  await plain.makeBuckets();
  await command(one, ['migrate']);
  await command(one, ['set-password', 'analyst'], {}, 0, `${PASSWORD}\n`);
  assert.match(await command(one, ['wait', 'broker'], { ...QUEUED, WAIT_SECONDS: '120' }), /^broker answers$/m);
});
after(async () => {
  await Promise.all([rabbit, ...workers.map(({ container }) => container)].map((each) => each.kill()));
  await end();
});

describe('reports', () => {
  let user: Awaited<ReturnType<typeof signedIn>>;
  let it: Api;
  before(async () => {
    it = await start(one, QUEUED);
    user = await signedIn(it);
  });
  const done = (id: number, within = 60_000) =>
    eventually(async () => assert.equal((await user.look(id))['status'], 'done'), within);

  test('nobody who is not signed in may ask for one, and unknown companies have none', async () => {
    assert.equal((await it.get('/api/v1/reports', { method: 'POST', body: '{}' })).status, 401);
    assert.equal((await user.want('NOSUCH')).status, 404);
    assert.equal((await user.want('not a ticker')).status, 422);
  });

  test('one that was asked for before any worker was there lies in a quorum queue, and is written by the first', async () => {
    const id = await user.order('aapl');
    assert.equal((await user.look(id))['status'], 'queued');
    await eventually(async () => assert.match(await queues(), /^reports\tquorum\t1\t0$/m), 30_000);
    const { tmp } = await work();
    await done(id);
    const report = await user.look(id);
    assert.ok(Number(report['size']) > 1000);
    const listed = (await json(await it.get('/api/v1/reports')))['reports'] as { name: string; size: number }[];
    assert.deepEqual(
      listed.map(({ name, size }) => [name, size]),
      [[report['name'], report['size']]],
    );
    for (const file of ['worker-alive', 'worker-ready']) assert.ok(existsSync(join(tmp, file)), file);
    await eventually(async () => assert.match(await queues(), /^reports\tquorum\t0\t1$/m), 30_000);
  });

  test('one whose worker is killed over it goes to another', async () => {
    const [first] = workers;
    running.minio.signal('SIGSTOP');
    let id: number;
    try {
      id = await user.order('MSFT');
      await eventually(() => assert.match(first!.container.output, /has to wait/), 60_000);
      await first!.container.kill();
    } finally {
      running.minio.signal('SIGCONT');
    }
    assert.equal((await user.look(id))['status'], 'queued');
    await work();
    await done(id);
  });

  test('a worker that is told to stop ends what it has begun, and then ends well', async () => {
    const { container } = workers.at(-1)!;
    running.minio.signal('SIGSTOP');
    const id = await user.order('NVDA');
    const before = container.output.length;
    await eventually(() => assert.match(container.output.slice(before), /has to wait/), 60_000);
    container.signal('SIGTERM');
    await sleep(1_000);
    assert.equal(container.over, false);
    running.minio.signal('SIGCONT');
    assert.equal(await container.end(), 0);
    assert.equal((await user.look(id))['status'], 'done');
  });

  test('without the broker nothing is promised, workers stay alive, and both go on when it is back', async () => {
    const { container, tmp } = await work();
    await eventually(() => assert.ok(existsSync(join(tmp, 'worker-ready'))), 60_000);
    await rabbit.kill();
    await eventually(() => assert.ok(!existsSync(join(tmp, 'worker-ready'))), 60_000);
    const began = Date.now();
    assert.equal((await user.want('AAPL')).status, 503);
    assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`);
    const touched = statSync(join(tmp, 'worker-alive')).mtimeMs;
    await eventually(() => assert.ok(statSync(join(tmp, 'worker-alive')).mtimeMs > touched), 30_000);
    rabbit = new Container(rabbitmq, broker);
    await command(one, ['wait', 'broker'], { ...QUEUED, WAIT_SECONDS: '120' });
    const id = await eventually(() => user.order('JPM'), 60_000);
    await done(id);
    assert.equal(container.over, false);
  });

  test('without a queue in its settings the API says that none can be asked for', async () => {
    const { container, get } = await start(one);
    const { want } = await signedIn({ container, get });
    const answer = await want('AAPL');
    await container.stop();
    assert.equal(answer.status, 503);
    assert.match(String((await json(answer))['detail']), /no queue is configured/);
  });
});
