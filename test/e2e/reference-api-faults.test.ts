/** The faults of the reference API that a test can switch on, to have a bad release. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { world, type Api } from './support/api.ts';
import { eventually, unpack } from './support/container.ts';
import { patient } from './support/until.ts';

const one = await unpack('docker.io/library/corporate-intel-api:1.0.0');
const { plain, start, command, end } = await world();

before(async () => {
  await eventually(() => plain.query('SELECT 1'), 30_000);
  await plain.makeBuckets();
  await command(one, ['migrate']);
});
after(end);

describe('faults', () => {
  const timed = async (get: Api['get'], path: string): Promise<number> => {
    const began = performance.now();
    await (await get(path)).text();
    return performance.now() - began;
  };

  test('FAULT_LATENCY_MS slows the API and, where FAULT_PATHS says so, everything', async () => {
    // More than anything takes by itself, where others have the machine.
    const { get, container } = await start(one, { FAULT_LATENCY_MS: '5000' });
    assert.ok((await timed(get, '/api/v1/companies')) >= 5000);
    await timed(get, '/health');
    assert.ok((await timed(get, '/health')) < 5000);
    await container.stop();
    const all = await start(one, { FAULT_LATENCY_MS: '400', FAULT_PATHS: '/' });
    assert.ok((await timed(all.get, '/health')) >= 400);
    await all.container.stop();
  });

  test('FAULT_ERROR_SHARE fails just that share', async () => {
    const { get, container } = await start(one, { FAULT_ERROR_SHARE: '0.3' });
    const statuses = [];
    for (let n = 0; n < 20; n++) statuses.push((await get('/api/v1/companies')).status);
    assert.equal(statuses.filter((status) => status === 500).length, 6);
    assert.equal(statuses.filter((status) => status === 200).length, 14);
    assert.equal((await get('/health')).status, 200);
    await container.stop();
  });

  test('FAULT_ERROR_ABOVE_RPS fails only what is too much', async () => {
    const { get, container } = await start(one, { FAULT_ERROR_ABOVE_RPS: '3' });
    for (let n = 0; n < 3; n++) assert.equal((await get('/api/v1/companies')).status, 200);
    await sleep(1_100);
    const many = await Promise.all(Array.from({ length: 30 }, async () => (await get('/api/v1/companies')).status));
    assert.ok(many.includes(200) && many.includes(500), String(many));
    await container.stop();
  });

  test('FAULT_LATENCY_FACTOR multiplies what a request takes anyway', async () => {
    const { get, container } = await start(one, { FAULT_LATENCY_FACTOR: '2', FAULT_LATENCY_MS: '300' });
    assert.ok((await timed(get, '/api/v1/companies')) >= 600);
    await container.stop();
  });

  test('FAULT_CRASH_AT_START and FAULT_CRASH_AFTER_S end the process with an error', async () => {
    assert.match(await command(one, ['serve'], { FAULT_CRASH_AT_START: 'true' }, 1), /FAULT_CRASH_AT_START is set/);
    const { container } = await start(one, { FAULT_CRASH_AFTER_S: String(patient(2)) });
    assert.equal(await container.end(), 1);
  });

  test('FAULT_NEVER_READY is alive and healthy, and never ready', async () => {
    const { get, container } = await start(one, { FAULT_NEVER_READY: 'true' });
    assert.deepEqual(
      [(await get('/live')).status, (await get('/health')).status, (await get('/ready')).status],
      [200, 200, 503],
    );
    await container.stop();
  });

  test('FAULT_MEMORY_MB takes that much more memory', async () => {
    const resident = async ({ get }: Api): Promise<number> =>
      Number(/^process_resident_memory_bytes (\S+)$/m.exec(await (await get('/metrics')).text())![1]) / 2 ** 20;
    const [usual, big] = [await start(one), await start(one, { FAULT_MEMORY_MB: '200' })];
    // The client of the object store, which is loaded after the start, is in both.
    for (const { get } of [usual, big]) await get('/api/v1/health/minio');
    const more = (await resident(big)) - (await resident(usual));
    assert.ok(more > 180 && more < 240, `${more} MiB more`);
    for (const { container } of [usual, big]) await container.stop();
  });
});
