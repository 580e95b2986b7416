import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Redis, type RedisArgs } from '../../../../components/redis/index.ts';
import { named, passwordOf, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';

const ARGS: RedisArgs = {
  namespace: 'shop',
  partOf: 'shop',
  image: { reference: 'docker.io/library/redis:7.0.15', uid: 999 },
  cpu: { request: '25m', limit: '500m' },
  memory: '96Mi',
  maxMemory: '64Mi',
  evictionPolicy: 'allkeys-lru',
  storage: '256Mi',
  startDeadline: '5m',
  fingerprintKey: pulumi.secret('the key'),
};

const plan = (change: Partial<RedisArgs> = {}) => planned(() => new Redis('redis', { ...ARGS, ...change }, {}));
const conf = (made: readonly Made[]): string =>
  (made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs['data'] as Record<string, string>)[
    'redis.conf'
  ]!;

test('Redis keeps an append-only file, and drops by the stated policy at the stated memory', async () => {
  assert.deepEqual(
    conf(await plan())
      .trimEnd()
      .split('\n'),
    [
      'bind * -::*',
      'port 6379',
      'dir /data',
      'aclfile /run/secrets/redis/users.acl',
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      'maxmemory 67108864',
      'maxmemory-policy allkeys-lru',
    ],
  );
});

test('the server knows the password’s hash only; the password is no argument and in no ConfigMap', async () => {
  const made = await plan();
  const password = passwordOf('redis-password');
  const hash = createHash('sha256').update(password).digest('hex');
  assert.deepEqual(secretsIn(named(made, 'redis-auth')), {
    password,
    'users.acl': `user default on #${hash} ~* &* +@all\n`,
  });
  for (const { name, inputs } of made.filter((one) => one.name !== 'redis-auth')) {
    assert.doesNotMatch(JSON.stringify(inputs), new RegExp(`${password}|${hash}`), name);
  }
  const [{ args }] = podOf(named(made, 'redis-set')).spec.containers;
  assert.deepEqual(args, ['redis-server', '/etc/redis/redis.conf']);
  const auth = podOf(named(made, 'redis-set')).spec.volumes.find(({ name }) => name === 'auth');
  assert.deepEqual(auth?.secret?.items, [{ key: 'users.acl', path: 'users.acl' }]);
});

test('a probe takes an error reply for an error', async () => {
  const [{ readinessProbe, livenessProbe }] = podOf(named(await plan(), 'redis-set')).spec.containers;
  assert.deepEqual(readinessProbe.exec?.command, ['redis-cli', '-e', 'ping']);
  // One that is still reading its file back says so, and lives.
  assert.deepEqual(livenessProbe.exec?.command, ['redis-cli', 'ping']);
});

test('less memory for data is another configuration and another subject', async () => {
  const [before, after] = [await plan(), await plan({ maxMemory: '48Mi' })];
  assert.notEqual(conf(before), conf(after));
  const subject = (made: readonly Made[]) => podOf(named(made, 'redis-set')).metadata.annotations['platform/subject'];
  assert.notEqual(subject(before), subject(after));
});
