import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf, processesOf } from '../../infra/sandbox/host/cgroups.ts';
import { status } from '../../infra/sandbox/instance.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { inShell, kubectl, live, make, platform, pods } from './support/platform.ts';

const health = async (): Promise<string> =>
  run(['curl', '--silent', '--fail', '--max-time', '10', `${platform.api}/health`]);

const sql = (statement: string): Promise<string> =>
  kubectl(
    ...['exec', '--namespace', platform.namespace, 'postgres-0', '--', 'sh', '-c'],
    `psql -qtA -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "${statement}"`,
  );

test('after its first process was killed, as by a restart of the host, make up has the platform back within 60 s, with its data', async () => {
  await sql('CREATE TABLE IF NOT EXISTS outlives (what text)');
  await sql("INSERT INTO outlives VALUES ('the restart')");
  const before = await live<{ spec: { volumeName: string } }>(
    'pvc',
    'data-postgres-0',
    '--namespace',
    platform.namespace,
  );
  const { addresses } = (await status(platform.state))!;
  process.kill(firstOf(processesOf(addresses.name))!.pid, 'SIGKILL');
  await assert.rejects(health(), 'the platform answered although its first process was killed');

  const began = performance.now();
  await make('up');
  const seconds = (performance.now() - began) / 1000;
  console.log(`    after a restart: ${seconds.toFixed(1)} s`);
  assert.match(await health(), /"status":"healthy"/);
  assert.equal((await sql('SELECT what FROM outlives')).trim(), 'the restart');
  const now = await live<{ spec: { volumeName: string } }>('pvc', 'data-postgres-0', '--namespace', platform.namespace);
  assert.equal(now.spec.volumeName, before.spec.volumeName);
  await sql('DROP TABLE outlives');
  assert.ok(seconds < 60, `${seconds} s`);
});

test('a deleted pod is replaced, and make up finds every gate open', async () => {
  const [api] = (await pods()).get('api')!;
  await kubectl('delete', 'pod', '--namespace', platform.namespace, '--wait=true', api!.metadata.name);
  await make('up');
  assert.match(await health(), /"status":"healthy"/);
});

test('an object that somebody removed by hand is brought back by refresh and up', async () => {
  await kubectl('delete', 'service', '--namespace', platform.namespace, 'api');
  await kubectl('delete', 'networkpolicy', '--namespace', platform.namespace, 'deny-all');
  await inShell(['pulumi', 'refresh', '--yes', '--skip-preview', '--stack', platform.stack]);
  await make('up');
  await kubectl('get', 'service/api', 'networkpolicy/deny-all', '--namespace', platform.namespace);
});
