import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cores, goDuration, healthcheck, mebi, ports } from '../../../../components/container/inputs.ts';

test('durations are written as Go prints them, which is how the provider reads them back', () => {
  const written = (['0s', '500ms', '5s', '90s', '1500ms', '60s', '2h', '61m', '1d'] as const).map(goDuration);
  assert.deepEqual(written, ['0s', '500ms', '5s', '1m30s', '1.5s', '1m0s', '2h0m0s', '1h1m0s', '24h0m0s']);
});

test('sizes are whole mebibytes, and cores have one decimal at least and none that is needless', () => {
  assert.deepEqual((['64Mi', '1Gi', '1536Ki', '2Ti'] as const).map(mebi), [64, 1024, 1, 2_097_152]);
  assert.deepEqual((['500m', '2', '250m', '1000m', '1.5', '0.125'] as const).map(cores), [
    ...['0.5', '2.0', '0.25', '1.0', '1.5', '0.125'],
  ]);
});

test('ports come in the order of the container’s, whatever theirs was', () => {
  const known = { web: 8080, admin: 9000, plain: 80 };
  const published = [
    { port: 'admin', host: 1, bind: '127.0.0.1' },
    { port: 'plain', host: 3, bind: '0.0.0.0' },
    { port: 'web', host: 2, bind: '0.0.0.0' },
  ];
  const wanted = ports(published, known);
  assert.deepEqual(
    wanted.map(({ internal, external }) => [internal, external]),
    [
      [80, 3],
      [8080, 2],
      [9000, 1],
    ],
  );
  assert.deepEqual(ports(published.toReversed(), known), wanted);
});

test('a health check leaves nothing to the daemon’s defaults', () => {
  assert.deepEqual(healthcheck({ command: ['redis-cli', 'ping'], startPeriod: '90s' }), {
    tests: ['CMD', 'redis-cli', 'ping'],
    ...{ interval: '10s', timeout: '5s', startPeriod: '1m30s', startInterval: '0s', retries: 3 },
  });
});
