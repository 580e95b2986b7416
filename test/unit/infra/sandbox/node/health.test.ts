import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Process } from '../../../../../infra/sandbox/host/cgroups.ts';
import { judgeProcesses, POD_PROGRAMS, SERVICES } from '../../../../../infra/sandbox/node/health.ts';

let next = 100;
const one = (inside: number, depth: number, ...args: string[]): Process => ({
  pid: next++,
  arguments: args,
  inside: { pid: inside, depth },
});

const first = one(1, 1, 'bash', '/opt/sandbox/node/services.sh');
const supervisor = (name: string): Process => one(7, 1, 'bash', '/opt/sandbox/node/supervise.sh', name, name);
const program = (name: string): Process =>
  name === 'enforcer' ? one(8, 1, '/opt/node/node', '/opt/sandbox/enforcer/main.ts') : one(8, 1, name, '--flag');
const pod = (name: string): Process => one(1, 2, `/${name}`);
const shim = one(9, 1, '/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io');
const UID = '00000000-0000-4000-8000-000000000001';
const pause: Process = { ...one(1, 2, '/pause'), pod: UID };
const container: Process = { ...one(1, 2, '/server'), pod: UID };
const whole = [
  first,
  ...SERVICES.flatMap((name) => [supervisor(name), program(name)]),
  ...POD_PROGRAMS.map(pod),
  shim,
  pause,
  container,
];
const nothing = { broken: [], unready: [], ripening: [] };

test('an instance with all its processes is well', () => {
  assert.deepEqual(judgeProcesses(whole, SERVICES), nothing);
});

test('without its first process an instance is broken, whatever else still runs', () => {
  const { broken } = judgeProcesses(
    whole.filter((process) => process !== first),
    SERVICES,
  );
  assert.deepEqual(broken, ['the first process is gone']);
});

for (const name of SERVICES) {
  test(`${name} without its supervisor needs a restart of the instance`, () => {
    const left = whole.filter(({ arguments: args }) => args[2] !== name);
    assert.deepEqual(judgeProcesses(left, SERVICES), { ...nothing, broken: [`the supervisor of ${name} is gone`] });
  });

  test(`${name} that does not run may come back`, () => {
    const left = whole.filter(({ arguments: args }) => args[0] !== name && !(args[1] ?? '').includes(`/${name}/main`));
    assert.deepEqual(judgeProcesses(left, SERVICES), { ...nothing, unready: [`${name} is not running`] });
  });
}

for (const name of POD_PROGRAMS) {
  test(`the pod of ${name} counts as running only with its process`, () => {
    const left = whole.filter(({ arguments: args }) => args[0] !== `/${name}`);
    assert.deepEqual(judgeProcesses(left, SERVICES).unready, [`${name} is not running`]);
  });
}

test('a pod that runs a program of the same name does not stand in for the node’s', () => {
  const left = whole.filter(({ arguments: args }) => args[0] !== 'etcd');
  assert.deepEqual(judgeProcesses([...left, pod('etcd')], SERVICES).unready, ['etcd is not running']);
});

test('a pod that lost its shim or its first process is being mended', () => {
  for (const lost of [shim, pause]) {
    const { unready } = judgeProcesses(
      whole.filter((process) => process !== lost),
      SERVICES,
    );
    assert.equal(unready.length, 1);
    assert.match(unready[0]!, /^1 pods run, \d shims hold them, and \d have their first process$/);
  }
});

test('a container that runs the pause image is no pod without a shim', () => {
  const sleeper: Process = { ...one(1, 2, '/pause'), pod: UID };
  assert.deepEqual(judgeProcesses([...whole, sleeper], SERVICES), nothing);
});

test('the shim that a completed pod leaves is no fault', () => {
  const left = one(9, 1, '/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io');
  assert.deepEqual(judgeProcesses([...whole, left], SERVICES), nothing);
});
