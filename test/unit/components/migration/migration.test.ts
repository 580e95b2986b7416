import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Migration, type MigrationArgs } from '../../../../components/migration/index.ts';
import { named, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';
import { SETTINGS } from '../api/support/settings.ts';

const ARGS: MigrationArgs = {
  namespace: 'shop',
  partOf: 'shop',
  version: '1.0.0',
  image: { reference: 'corporate-intel-api:1.0.0', uid: 10001 },
  postgres: SETTINGS.postgres,
  password: pulumi.secret('the-postgres-password'),
  cpu: { request: '50m', limit: '1' },
  memory: '256Mi',
  deadline: '10m',
  extraEnvironment: {},
};

const plan = (change: Partial<MigrationArgs> = {}) =>
  planned(() => new Migration('migrate', { ...ARGS, ...change }, {}));
const jobOf = (made: readonly Made[]): Made => made.find(({ type }) => type === 'kubernetes:batch/v1:Job')!;

test('a Job is named after its content, in the cluster as in the plan', async () => {
  const job = jobOf(await plan());
  assert.match(job.name, /^migrate-[0-9a-f]{12}$/);
  assert.equal((job.inputs['metadata'] as { name: string }).name, job.name);
});

test('another image or fault is another Job; another password is not', async () => {
  const changes: Partial<MigrationArgs>[] = [
    {},
    { image: { reference: 'corporate-intel-api:1.1.0', uid: 10001 } },
    { extraEnvironment: { FAULT_MIGRATION: 'true' } },
    { password: pulumi.secret('another') },
  ];
  const names: string[] = [];
  for (const change of changes) names.push(jobOf(await plan(change)).name);
  assert.equal(new Set(names).size, 3);
  assert.equal(names[3], names[0]);
});

test('a failed Job is replaced by the next update, and a finished one stays', async () => {
  const { metadata, spec } = jobOf(await plan()).inputs as {
    metadata: { annotations: Record<string, string> };
    spec: Record<string, unknown>;
  };
  assert.equal(metadata.annotations['pulumi.com/replaceUnready'], 'true');
  assert.equal('ttlSecondsAfterFinished' in spec, false);
  assert.equal(spec['backoffLimit'], 1);
  assert.equal(spec['activeDeadlineSeconds'], 600);
});

test('it knows the database and nothing else, and the password through a Secret of its own', async () => {
  const made = await plan();
  assert.deepEqual(secretsIn(named(made, 'migrate-database')), {
    DATABASE_URL: 'postgresql://intel_staging_user:the-postgres-password@postgres:5432/corporate_intel_staging',
    POSTGRES_PASSWORD: 'the-postgres-password',
  });
  const [{ args, env, envFrom }] = podOf(jobOf(made)).spec.containers;
  assert.deepEqual(args, ['migrate']);
  assert.deepEqual(envFrom, [{ secretRef: { name: 'migrate-database' } }]);
  assert.deepEqual(
    env.map(({ name }) => name),
    ['POSTGRES_DB', 'POSTGRES_HOST', 'POSTGRES_PORT', 'POSTGRES_USER'],
  );
  assert.equal(
    made.some(({ name }) => name === 'migrate-users'),
    false,
  );
});

interface Step {
  readonly name: string;
  readonly args: string[];
  readonly envFrom: { secretRef: { name: string } }[];
}

/** The containers in the order in which each waits for the one before it. */
function stepsOf(made: readonly Made[]): Step[] {
  const { initContainers, containers } = podOf(jobOf(made)).spec as unknown as Record<string, Step[]>;
  return [...initContainers!, ...containers!];
}

test('nothing is migrated before the dry run has succeeded, and nobody gets a password before the migration has', async () => {
  const commands = async (change?: Partial<MigrationArgs>) => stepsOf(await plan(change)).map(({ args }) => args);
  const [first, second] = [['migrate', '--dry-run'], ['migrate']];
  assert.deepEqual(await commands(), [first, second]);
  assert.deepEqual(await commands({ users: { ingest: pulumi.secret('a-password-of-ingest') } }), [
    first,
    second,
    ['seed'],
  ]);
});

test('users’ passwords are read by the last step only, out of a Secret that can be named', async () => {
  let migration: Migration | undefined;
  const made = await planned(() => {
    const users = { ingest: pulumi.secret('a-password-of-ingest') };
    return (migration = new Migration('migrate', { ...ARGS, users }, {}));
  });
  assert.deepEqual(secretsIn(named(made, 'migrate-users')), { USER_PASSWORD_INGEST: 'a-password-of-ingest' });
  assert.deepEqual(
    stepsOf(made).map(({ envFrom }) => envFrom.map(({ secretRef }) => secretRef.name)),
    [['migrate-database'], ['migrate-database'], ['migrate-database', 'migrate-users']],
  );
  assert.deepEqual(migration!.passwordOf('ingest'), {
    namespace: 'shop',
    name: 'migrate-users',
    key: 'USER_PASSWORD_INGEST',
  });
  assert.throws(() => migration!.passwordOf('admin'), /sets no password of admin/);
});

test('with TLS every step trusts the platform’s authority, and sees nothing else of its Secret', async () => {
  const postgres = { ...SETTINGS.postgres, tls: true };
  const made = await plan({ postgres, tls: { secretName: 'postgres-tls' } });
  assert.match(secretsIn(named(made, 'migrate-database'))['DATABASE_URL']!, /\?sslmode=verify-full&sslrootcert=/);
  const spec = podOf(jobOf(made)).spec as unknown as { volumes: { name: string; secret?: { items: unknown } }[] };
  assert.deepEqual(spec.volumes.find(({ name }) => name === 'ca')?.secret?.items, [{ key: 'ca.crt', path: 'ca.crt' }]);
  await assert.rejects(plan({ postgres }), /tls: found nothing; wanted the Secret/);
  await assert.rejects(plan({ tls: { secretName: 'postgres-tls' } }), /tls: found a Secret/);
});

test('a user whom no variable can name is refused', async () => {
  await assert.rejects(plan({ users: { 'two words': 'a-long-password' } }), /users: found "two words"/);
});
