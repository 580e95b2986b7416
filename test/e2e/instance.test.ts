/** The sandbox itself, on instances of this test's own: apart, closed, mending, and gone without a trace. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IMAGES } from '../../infra/sandbox/build/images.ts';
import { firstOf, processesOf, type Process } from '../../infra/sandbox/host/cgroups.ts';
import { indexOf } from '../../infra/sandbox/host/claim.ts';
import { SOURCES } from '../../infra/sandbox/host/paths.ts';
import { down, status, up, whole, type Instance } from '../../infra/sandbox/instance.ts';
import { addressesOf } from '../../infra/sandbox/node/addresses.ts';
import { POD_PROGRAMS, SERVICES } from '../../infra/sandbox/node/health.ts';
import { listing, sandboxes } from './support/host.ts';
import { find, first, kubectl, listeners, onNode, statusOf } from './support/instances.ts';

/** Containers need a real file system below them: not /tmp, which may be memory. */
const parent = mkdtempSync('/var/tmp/platform-instance-');
const [stateA, stateB] = [join(parent, 'a'), join(parent, 'b')];
let others: Set<string>;
let untouched: string[];
let a: Instance;
let b: Instance;

before(async () => {
  others = await sandboxes();
  untouched = await listing(others);
  a = await up({ state: stateA });
  b = await up({ state: stateB });
});
after(async () => {
  await down(stateA);
  await down(stateB);
  rmSync(parent, { recursive: true });
});

/** What is inside, with the instance's own addresses named instead of spelled out. */
async function portrait(instance: Instance): Promise<string> {
  const { addresses } = instance;
  const parts = [
    await kubectl(instance, ['get', 'namespaces,nodes,storageclasses,deployments,services', '-A', '-o', 'name']),
    await kubectl(instance, ['version']),
    await onNode(instance, 'sh', '-c', 'hostname; ls / /state /var/lib'),
    await onNode(instance, 'ctr', '--namespace=k8s.io', 'images', 'list', '--quiet'),
    processesOf(addresses.name)
      .filter(({ inside }) => inside.depth === 1)
      .map(({ arguments: args }) => args.join(' ').replace(/-id [0-9a-f]+/, '-id …'))
      .filter((line) => !line.startsWith('sleep'))
      .sort()
      .join('\n'),
  ];
  return Object.entries(addresses)
    .sort(([, one], [, other]) => String(other).length - String(one).length)
    .reduce(
      (text, [name, value]) => (name === 'index' ? text : text.replaceAll(String(value), `<${name}>`)),
      parts.join('\n'),
    );
}

test('two instances at once are identical inside', async () => {
  assert.notEqual(a.addresses.index, b.addresses.index);
  const [one, other] = [await portrait(a), await portrait(b)];
  assert.match(one, /kube-apiserver --bind-address=<node>/);
  assert.equal(one.replaceAll(stateA, '<state>'), other.replaceAll(stateB, '<state>'));
});

test('only the instance’s loopback and its node’s address are listened on, etcd’s only on the loopback', async () => {
  const open = await listeners(a);
  assert.ok(open.includes(`${a.addresses.node}:6443`) && open.includes('127.0.0.1:2379'), open.join(' '));
  const beyond = open.filter((one) => !one.startsWith('127.0.0.1:') && !one.startsWith(`${a.addresses.node}:`));
  assert.deepEqual(beyond, []);
  const socket = connect({ host: a.addresses.node, port: 2379, timeout: 3000 });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});

test('API server and kubelet know nobody without a certificate or token, and let strangers do nothing', async () => {
  const api = `${a.addresses.api}/api/v1/secrets`;
  const kubelet = `https://${a.addresses.node}:10250/pods`;
  const certificate = (state: string, name: string): { cert: string; key: string } => ({
    cert: join(state, `pki/${name}.crt`),
    key: join(state, `pki/${name}.key`),
  });
  const token = (await kubectl(a, ['create', 'token', 'default'])).trim();
  for (const url of [api, kubelet]) {
    assert.equal(await statusOf(a, url), 401, `${url} without credentials`);
    assert.equal(await statusOf(a, url, { token: 'x'.repeat(32) }), 401, `${url} with a made-up token`);
    assert.equal(await statusOf(a, url, certificate(stateB, 'admin')), 401, `${url} with the neighbour’s certificate`);
    assert.equal(await statusOf(a, url, { token }), 403, `${url} with the token of a pod`);
    assert.equal(
      await statusOf(a, url, certificate(stateA, 'enforcer')),
      403,
      `${url} with the enforcer’s certificate`,
    );
    assert.equal(
      await statusOf(a, url, certificate(stateA, 'admin')),
      200,
      `${url} with the administrator’s certificate`,
    );
  }
  assert.equal(await statusOf(a, `${a.addresses.api}/healthz`), 401);
  assert.equal(await statusOf(a, api, certificate(stateA, 'kubelet')), 403, 'the node’s certificate lists secrets');
});

test('keys and kubeconfigs are readable by their owner alone', () => {
  const folder = join(stateA, 'pki');
  assert.equal(statSync(folder).mode & 0o077, 0);
  const secret = readdirSync(folder).filter((file) => /\.(key|conf)$/.test(file));
  assert.ok(secret.length > 15);
  for (const file of [...secret.map((name) => join(folder, name)), a.kubeconfig]) {
    assert.equal(statSync(file).mode & 0o077, 0, file);
  }
});

test('kubectl top knows nodes and pods', async () => {
  await whole(a);
  assert.match(await kubectl(a, ['top', 'nodes']), /^sandbox +\d+m/m);
  assert.match(await kubectl(a, ['top', 'pods', '-n', 'kube-system']), /^coredns-\S+ +\d+m +\d+Mi/m);
});

test('a watch of the newest state begins though something else was written since; the API server does not call itself stale', async () => {
  const path =
    '/api/v1/namespaces/kube-system/configmaps?watch=1&timeoutSeconds=4&fieldSelector=metadata.name%3Dcoredns';
  await kubectl(a, ['annotate', 'namespace', 'default', 'seen=yes']);
  assert.match(await kubectl(a, ['get', '--raw', path]), /^\{"type":"ADDED"[^\n]+\n$/);
});

/** The one thing that `up` does not wait for: a pod of this test's own, which may be half made for a moment. */
const HALF_MADE = /^\d+ pods run, \d+ shims hold them/;

/** Nothing is wrong: at once with the sandbox itself, within 20 s with every pod on it. */
async function well(state: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await status(state);
    const unready = found?.unready ?? ['it is not there'];
    assert.deepEqual([found?.broken, unready.filter((line) => !HALF_MADE.test(line))], [[], []]);
    if (unready.length === 0) return;
    assert.ok(Date.now() < deadline, unready.join('; '));
    await sleep(200);
  }
}

const claimOf = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } };
const claim = { ...claimOf, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const keeper = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper' },
  spec: {
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 1000 },
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    containers: [
      {
        name: 'keeper',
        image: IMAGES.busybox,
        command: ['sh', '-c', 'echo started >> /data/log; sleep 100000'],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
};

/** How often the keeper has started on its volume, once it runs. */
async function starts(instance: Instance): Promise<number> {
  await kubectl(instance, ['wait', '--for=condition=Ready', 'pod/keeper', '--timeout=60s']);
  return (await kubectl(instance, ['exec', 'keeper', '--', 'cat', '/data/log'])).trim().split('\n').length;
}

test('a volume outlives its pod', async () => {
  await kubectl(a, ['apply', '-f', '-'], claim);
  await kubectl(a, ['wait', '--for=create', 'serviceaccount/default', '--timeout=30s']);
  await kubectl(a, ['apply', '-f', '-'], keeper);
  assert.equal(await starts(a), 1);
  await kubectl(a, ['delete', 'pod', 'keeper']);
  await kubectl(a, ['apply', '-f', '-'], keeper);
  assert.equal(await starts(a), 2);
});

test('killing the first process ends every other and its link; the neighbour does not notice', async () => {
  process.kill(first(a)!.pid, 'SIGKILL');
  const deadline = Date.now() + 3000;
  while (processesOf(a.addresses.name).length || (await sandboxes()).has(a.addresses.name)) {
    assert.ok(Date.now() < deadline, `still there: ${JSON.stringify(processesOf(a.addresses.name))}`);
    await sleep(50);
  }
  const neighbour = await status(stateB);
  assert.deepEqual([neighbour?.broken, neighbour?.unready], [[], []]);
});

test('an instance that was cut off comes up on its state; no pod is ready before it runs again, volumes are as they were', async () => {
  a = await up({ state: stateA });
  assert.equal(await starts(a), 3);
});

const program = (name: string): RegExp => new RegExp(`^(\\S*/)?${name}( |$)`);
const one = (pattern: RegExp) => (): Process | undefined => find(a, pattern)[0];

/** What to kill. */
const VICTIMS: Record<string, () => Process | undefined> = {
  ...Object.fromEntries(SERVICES.map((name) => [name, one(program(name))])),
  enforcer: one(/^\S+ \S+\/enforcer\/main\.ts/),
  ...Object.fromEntries(POD_PROGRAMS.map((name) => [name, one(program(name))])),
  'the supervisor of etcd': one(/supervise\.sh etcd/),
  'a shim of a pod': one(/^\S*containerd-shim/),
  'the pause of a pod': () => pauseOf(program('coredns')),
};

/** The process that holds the namespaces of the pod in which a program runs. */
const pauseOf = (program: RegExp): Process | undefined =>
  find(a, /^\/pause/).find(({ pod }) => pod === find(a, program)[0]?.pod);

for (const [name, victimOf] of Object.entries(VICTIMS)) {
  test(`after ${name} was killed, up mends the sandbox`, async () => {
    const victim = victimOf();
    assert.ok(victim, 'no such process');
    process.kill(victim.pid, 'SIGKILL');
    // Who waits for the disk dies when it has answered.
    const lives = (): boolean => processesOf(a.addresses.name).some(({ pid }) => pid === victim.pid);
    const deadline = Date.now() + 3000;
    while (lives()) {
      assert.ok(Date.now() < deadline, 'it survived');
      await sleep(20);
    }
    const began = performance.now();
    a = await up({ state: stateA });
    console.log(`    mended in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    await well(stateA);
  });
}

test('up on a healthy instance takes less than 2 s and starts nothing', async () => {
  await whole(a);
  const before = first(a)?.pid;
  const began = performance.now();
  await up({ state: stateA });
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds < 2, `${seconds} s`);
  assert.equal(first(a)?.pid, before);
});

/** Starts `up` as people do, and kills it as soon as `there` says so. */
async function interrupted(state: string, there: () => boolean): Promise<void> {
  const script = `const { up } = await import(${JSON.stringify(join(SOURCES, 'instance.ts'))}); await up({ state: ${JSON.stringify(state)} })`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const deadline = Date.now() + 30_000;
  while (!there()) {
    assert.ok(Date.now() < deadline && child.exitCode === null, 'up was over before it could be interrupted');
    await sleep(1);
  }
  child.kill('SIGKILL');
  await ended;
}

const MOMENTS: Record<string, (state: string) => boolean> = {
  'its certificates were half made': (state) => existsSync(join(state, 'pki.unfinished')),
  'its first process had just started': (state) => existsSync(join(state, 'log/init.log')),
  'the node was booting': (state) => existsSync(join(state, 'log/kube-apiserver.log')),
};

test('down removes an instance that was never finished, and twice is fine', async () => {
  for (const [moment, there] of Object.entries(MOMENTS)) {
    await down(stateB);
    await interrupted(stateB, () => there(stateB));
    await down(stateB);
    assert.ok(!existsSync(stateB), `when ${moment}`);
  }
  await down(stateB);
});

for (const [moment, there] of Object.entries(MOMENTS)) {
  test(`up succeeds after one that was killed when ${moment}`, async () => {
    await down(stateB);
    await interrupted(stateB, () => there(stateB));
    b = await up({ state: stateB });
    await well(stateB);
  });
}

test('up succeeds after the whole node was killed when its etcd had just made its log', async () => {
  await down(stateB);
  const log = join(stateB, 'var/lib/etcd/member/wal/0000000000000000-0000000000000000.wal');
  await interrupted(stateB, () => {
    if (!existsSync(log)) return false;
    // At once: milliseconds later etcd has its first entry, and would come up again by itself.
    process.kill(firstOf(processesOf(addressesOf(indexOf(stateB)!).name))!.pid, 'SIGKILL');
    return true;
  });
  b = await up({ state: stateB });
  await well(stateB);
});

test('after down the host is as it was: links, routes, packet filter, mounts, control groups, settings, files', async () => {
  // A listing that could not see an instance would prove nothing.
  const [mine, theirs] = [a.addresses.name, b.addresses.name];
  const during = (await listing(others)).join('\n');
  for (const kind of ['link', 'route', 'group', 'setting']) {
    assert.match(during, new RegExp(`^${kind} .*\\b${mine}\\b`, 'm'), kind);
  }
  await down(stateA);
  await down(stateB);
  const alive = await sandboxes();
  assert.ok(!alive.has(mine) && !alive.has(theirs));
  // Instances of other people that came or went meanwhile are not ours to judge.
  const strangers = new Set([...others, ...alive]);
  const filter = (lines: readonly string[]): string[] =>
    lines.filter((line) => ![...strangers].some((name) => new RegExp(`\\b${name}\\b`).test(line)));
  assert.deepEqual(filter(await listing(strangers)), filter(untouched));
  assert.deepEqual(readdirSync(parent), []);
});
