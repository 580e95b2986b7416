/** A small stack on a real Docker daemon, with the official plugin. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { firstOf, hierarchiesIn, processesOf } from '../../infra/sandbox/host/cgroups.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import {
  get,
  removeDocker,
  restartDocker,
  startDocker,
  stopDocker,
  type DockerDaemon,
} from '../../infra/sandbox/docker/index.ts';
import { engine, type EngineTest } from '../engine/support/engine.ts';
import { freshDocker, needsPlugin, programHead, stateOf } from './support/docker.ts';
import { until } from './support/until.ts';

const REDIS = 'docker.io/library/redis:7.0.15';

const program = (secondSays: string, health = 'ping'): string => `${programHead(docker)}
const net = network(owner, 'trial-net', { name: 'trial', partOf: 'trial' });
const data = volume(owner, 'trial-data', { name: 'trial-data', partOf: 'trial', protect: true });
const server = (name: string, more: object) => new Container('trial-' + name, {
  host: host.ref,
  partOf: 'trial',
  version: '7.0.15',
  facts: {
    name,
    image: { reference: '${REDIS}', uid: 999 },
    command: ['redis-server', '--appendonly', 'yes', '--protected-mode', 'no'],
    ports: { redis: 6379, another: 6390 },
    health: { command: ['redis-cli', '-e', name === 'second' ? '${health}' : 'ping'], interval: '1s', retries: 2, startPeriod: '1s' },
    cpu: { request: '100m', limit: '1' },
    memory: '96Mi',
    scratch: { '/tmp': '16Mi' },
    settings: { ZONE: 'z', A: 'first' },
    stopGrace: '5s',
  },
  networks: [{ network: net.name, aliases: ['store', 'cache'] }],
  capabilities: ['NET_BIND_SERVICE', 'CHOWN'],
  secrets: { TOKEN: pulumi.secret('a-token-nobody-may-see') },
  fingerprintKey: pulumi.secret('a key for fingerprints'),
  sysctls: { 'net.core.somaxconn': '512' },
  deadline: '20s',
  ...more,
}, parent);
const first = server('first', {
  volumes: { '/data': { volume: data.name } },
  publish: [{ port: 'another', host: 6390, bind: '0.0.0.0' }, { port: 'redis', host: 6379, bind: '0.0.0.0' }],
});
const second = server('second', {
  settings: { SAYS: '${secondSays}' },
  files: {
    '/etc/second/plain.conf': { content: 'plain words\\n' },
    '/etc/second/secret.conf': { content: pulumi.secret('a-file-nobody-may-see'), secret: true },
  },
});
export const ids = [first.containerId, second.containerId];
`;

let docker: DockerDaemon;
let stack: EngineTest;
type Listed = { readonly Id: string; readonly Names: string[]; readonly Status: string };
const containers = (): Promise<Listed[]> => get<Listed[]>(docker.socket, '/containers/json?all=1');
const ids = async (): Promise<string[]> => (await stack.outputs())['ids'] as string[];
const quiet = async (): Promise<void> =>
  assert.deepEqual(Object.keys((await stack.preview()).changeSummary), ['same'], 'the next plan is not quiet');

/** What Redis answers at the daemon's own address. */
function redis(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: docker.addresses.node, port: 6379, timeout: 3000 }, () =>
      socket.write(`${command}\r\n`),
    );
    socket.once('data', (text: Buffer) => {
      resolve(text.toString().trim());
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
  });
}

const healthy = (): Promise<void> =>
  until(
    'both containers are healthy',
    async () => (await containers()).every(({ Status }) => Status.includes('(healthy)')),
    60_000,
  );

describe('a stack of containers', needsPlugin, () => {
  before(async () => {
    docker = await freshDocker('docker', [REDIS]);
    stack = await engine({ source: '' });
    stack.rewrite(program('hello'));
    await stack.up();
  });
  after(async () => {
    stack.remove();
    await removeDocker(stateOf('docker'));
  });

  test('comes up healthy, and both the second preview and the one after a refresh are quiet', async () => {
    for (const { Status, Names } of await containers()) assert.match(Status, /\(healthy\)/, Names.join());
    await quiet();
    await stack.refresh();
    await quiet();
  });

  test('keeps its secrets out of the state', async () => {
    assert.doesNotMatch(JSON.stringify(await stack.export()), /nobody-may-see/);
  });

  test('survives a restart of the daemon, and a host that loses its power, with its data', async () => {
    assert.equal(await redis('SET kept yes'), '+OK');
    const before = await ids();
    await restartDocker(docker);
    await healthy();
    assert.match(await redis('GET kept'), /yes$/);
    await stopDocker(docker.state);
    await startDocker({ state: docker.state });
    await healthy();
    assert.match(await redis('GET kept'), /yes$/);
    assert.deepEqual((await containers()).map(({ Id }) => Id).toSorted(), before.toSorted());
    await quiet();
  });

  test('has one container updated without the other being touched', async () => {
    const [first, second] = await ids();
    stack.rewrite(program('goodbye'));
    await stack.up();
    const [still, changed] = await ids();
    assert.equal(still, first);
    assert.notEqual(changed, second);
    const { Config } = await get<{ Config: { Env: string[] } }>(docker.socket, '/containers/second/json');
    assert.ok(Config.Env.includes('SAYS=goodbye'));
  });

  test('is not updated by a container that does not become well, which says its last words', async () => {
    stack.rewrite(program('goodbye', 'nonsense'));
    const { output } = await stack.up({ fails: true });
    assert.match(output, /ContainerGate "trial-second-healthy" stays shut: fail/);
    assert.match(output, /second is unhealthy; its last check said: .*unknown command/s);
    assert.match(output, /the last lines of second:.*Ready to accept connections/s);
    stack.rewrite(program('goodbye'));
    await stack.up();
    await quiet();
  });

  test('is destroyed but for what is protected, and leaves nothing else', async () => {
    await stack.destroy({ args: ['--exclude-protected'] });
    assert.deepEqual(await containers(), []);
    const { Volumes } = await get<{ Volumes: { Name: string }[] }>(docker.socket, '/volumes');
    assert.deepEqual(
      Volumes.map(({ Name }) => Name),
      ['trial-data'],
    );
    const networks = await get<{ Name: string }[]>(docker.socket, '/networks');
    assert.deepEqual(networks.map(({ Name }) => Name).toSorted(), ['bridge', 'host', 'none']);
  });
});

/** A program of dockerd's name beside it, as there is one for a moment whenever dockerd starts a program. */
function namesake({ addresses }: DockerDaemon): ChildProcess {
  const groups = hierarchiesIn(readFileSync('/proc/self/mountinfo', 'utf8')).map((one) => join(one, addresses.name));
  const joins = groups.map((group) => `echo $$ > ${group}/cgroup.procs`).join('\n');
  const first = firstOf(processesOf(addresses.name))!.pid;
  const sleeps = `nsenter --target ${first} --pid bash -c 'exec -a dockerd sleep 300'`;
  return spawn('bash', ['-c', `${joins}\nexec ${sleeps}`], { stdio: 'ignore' });
}

describe('a daemon', () => {
  const [one, other] = [stateOf('one'), stateOf('other')];
  after(async () => {
    await removeDocker(one);
    await removeDocker(other);
  });

  test('is restarted itself, whatever else goes by its name, and has restarted when that is said', async () => {
    const daemon = await startDocker({ state: one });
    const first = `/proc/${firstOf(processesOf(daemon.addresses.name))!.pid}`;
    const own = (): string => readFileSync(`${first}/root/run/docker.pid`, 'utf8');
    const other = namesake(daemon);
    const ended = once(other, 'exit');
    // Of two programs of its name the one with the lower number was taken for it, and that is the other's after a restart.
    for (const time of ['first', 'second']) {
      const before = own();
      await restartDocker(daemon);
      assert.notEqual(own(), before, `the ${time} time`);
    }
    assert.equal(other.exitCode ?? other.signalCode, null, 'the other was not touched');
    await removeDocker(one);
    await ended;
  });

  test('runs beside another, comes back after a kill, and leaves nothing when it stops', async () => {
    const [a, b] = [await startDocker({ state: one }), await startDocker({ state: other })];
    assert.notEqual(a.addresses.node, b.addresses.node);
    process.kill(firstOf(processesOf(a.addresses.name))!.pid, 'SIGKILL');
    await startDocker({ state: one });
    assert.equal((await get<{ Driver: string }>(a.socket, '/info')).Driver, 'overlay2');
    const names = [a, b].map(({ addresses }) => addresses.name);
    await removeDocker(one);
    await removeDocker(other);
    assert.ok(!existsSync(one) && !existsSync(other));
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const groups = hierarchiesIn(mounts).flatMap((hierarchy) => readdirSync(hierarchy));
    const links = await run(['ip', '-o', 'link']);
    for (const name of names) {
      assert.deepEqual(processesOf(name), []);
      assert.ok(!groups.includes(name) && !new RegExp(` ${name}[@:]`).test(links), `${name} has left something`);
    }
    assert.ok(!mounts.includes(one) && !mounts.includes(other));
  });
});
