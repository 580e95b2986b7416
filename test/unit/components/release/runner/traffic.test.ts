/** Waiting for traffic that was moved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataOf, fromData, greens, isSame } from '../../../../../components/release/runner/buckets.ts';
import { Breach } from '../../../../../components/release/runner/ground.ts';
import { arrival, objectsOf, type TrafficDriver } from '../../../../../components/release/runner/traffic.ts';
import { AT } from '../support/cluster.ts';

/** A driver whose traffic has all gone where it should after some looks. */
const driver = (looks: number, lag = 0): TrafficDriver => ({
  can: () => true,
  trouble: () => Promise.resolve(undefined),
  share: () => Promise.resolve(),
  missing: () => Promise.resolve(looks-- > 0 ? 'somebody is late' : undefined),
  tend: () => Promise.resolve(),
  lag: () => lag,
});

const quietly = { pause: 5, limit: 1000, between: () => Promise.resolve() };

test('traffic that does not come in time is an error that says what is missing, and no fault of the version', async () => {
  const late = arrival(driver(Infinity), 'green', 10, { ...quietly, limit: 50 });
  await assert.rejects(late, (thrown) => {
    assert.ok(thrown instanceof Breach);
    assert.equal(thrown.verdict, 'error');
    assert.match(thrown.message, /traffic: somebody is late; wanted 10 % on green in 0\.05 s/);
    return true;
  });
  await arrival(driver(3), 'green', 10, quietly);
});

test('users may be there before that can be told: what fails meanwhile ends the wait at once', async () => {
  const began = Date.now();
  let looks = 0;
  const between = (): Promise<void> => {
    looks++;
    return looks === 3 ? Promise.reject(new Breach('rejected', ['bad'])) : Promise.resolve();
  };
  await assert.rejects(arrival(driver(1, 60_000), 'green', 100, { ...quietly, between }), /bad/);
  assert.ok(Date.now() - began < 1000);
});

test('what nobody reports is waited for, and no longer', async () => {
  const began = performance.now();
  await arrival(driver(0, 80), 'green', 100, { ...quietly, nap: (longest) => sleep(longest) });
  const took = performance.now() - began;
  assert.ok(took >= 79 && took < 500, `${took} ms`);
});

test('a step moves no more buckets than it must, and both sides together have all of them', () => {
  const [tenth, half] = [greens('green', 10), greens('green', 50)];
  assert.ok([...tenth].every((bucket) => half.has(bucket)));
  for (const weight of [0, 1, 10, 50, 99, 100]) {
    assert.equal(greens('green', weight).size, weight);
    assert.ok(isSame(greens('blue', weight), greens('green', 100 - weight)));
    assert.ok(isSame(fromData(dataOf(greens('green', weight))), greens('green', weight)));
  }
  assert.deepEqual(fromData({ '5': 'green', stray: 'x' }), new Set(['5']));
});

test('a run holds every object by which the traffic is divided', () => {
  const edge = { labels: {}, port: 8083 };
  assert.deepEqual(objectsOf(AT, { driver: 'service' }), [AT.service]);
  assert.deepEqual(objectsOf(AT, { driver: 'nginx', edge, followers: ['outside'] }), [
    AT.service,
    `${AT.services}/outside`,
    AT.split,
  ]);
  assert.deepEqual(objectsOf(AT, { driver: 'gateway', route: 'web-split' }), [AT.service, `${AT.routes}/web-split`]);
});
