import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { envFile, HostSecret, type HostSecretArgs } from '../../../../infra/ec2/index.ts';
import { carrying, named, planned, type Made } from '../../support/mocks.ts';

const SECRET = '4dabf18193072939515e22adb298388d';

const ARGS: HostSecretArgs = {
  secretName: 'tria-aibpo-staging/env',
  variables: { REDIS_PASSWORD: pulumi.secret('s3cret'), REDIS_HOST: 'redis' },
  kmsKeyArn: 'arn:key',
};

const plan = (change: Partial<HostSecretArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new HostSecret('env', { ...ARGS, ...change }, {}), {
    'aws:secretsmanager/secret:Secret': () => ({ arn: 'arn:env' }),
    'aws:secretsmanager/secretVersion:SecretVersion': () => ({ versionId: '1' }),
  });

test('the file of variables is one secret, encrypted with the given key, and can be taken back for 30 days', async () => {
  const made = await plan();
  assert.deepEqual(named(made, 'env-secret').inputs, {
    name: 'tria-aibpo-staging/env',
    kmsKeyId: 'arn:key',
    recoveryWindowInDays: 30,
  });
  const text = named(made, 'env-version').inputs['secretString'] as Record<string, unknown>;
  assert.ok(SECRET in text, 'the text is not secret');
  assert.equal(text['value'], 'REDIS_HOST=redis\nREDIS_PASSWORD=s3cret\n');
});

test('it is secret even where no variable is', async () => {
  const text = named(await plan({ variables: { A: 'b' } }), 'env-version').inputs['secretString'];
  assert.ok(SECRET in (text as object));
});

test('no value stands anywhere else', async () => {
  const others = (await plan()).filter(({ name }) => name !== 'env-version');
  assert.ok(others.length > 0);
  assert.doesNotMatch(JSON.stringify(others), /s3cret/);
});

test('it is protected unless that is switched off', async () => {
  for (const [protect, wanted] of [
    [true, ['env-secret']],
    [false, []],
  ] as const) {
    const { found, options } = carrying('protect');
    await planned(() => new HostSecret('env', { ...ARGS, protect }, options));
    assert.deepEqual(found, wanted);
  }
});

test('the order of the variables does not matter', () => {
  assert.equal(envFile({ B: '2', A: '1' }), envFile({ A: '1', B: '2' }));
});

for (const value of ['two\nlines', `it's`, 'a"b', 'a$b', 'a\\b', 'a#b', ' a', 'a ']) {
  test(`${JSON.stringify(value)} is refused without being shown, since its readers do not agree on it`, () => {
    assert.throws(
      () => envFile({ PASSWORD: value }),
      (error: Error) => {
        assert.match(error.message, /PASSWORD: found a value with/);
        assert.ok(!error.message.includes(`"${value}"`) && !error.message.includes(`=${value}`));
        return true;
      },
    );
  });
}

test('a URL, a key and base64 are taken as they are', () => {
  const url = 'postgresql://tria_admin:a%40b@postgres:5432/tria_aibpo';
  assert.equal(envFile({ KEY: 'sk-a_b', B: 'Zm9v/+=', URL: url }), `B=Zm9v/+=\nKEY=sk-a_b\nURL=${url}\n`);
});

test('a name that is no variable is refused by the plan', () =>
  assert.rejects(plan({ variables: { 'A-B': 'c' } }), /HostSecretArgs\.variables: found "A-B"/));
