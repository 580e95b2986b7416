import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchiesIn } from '../../../../../infra/sandbox/host/cgroups.ts';

const line = (root: string, point: string, type: string): string =>
  `31 23 0:27 ${root} ${point} rw,nosuid - ${type} ${type} rw`;

test('cgroup v1 has a hierarchy a mount; the v2 tree beside them is left alone', () => {
  const mounts = [
    line('/', '/sys/fs/cgroup/unified', 'cgroup2'),
    line('/', '/sys/fs/cgroup/cpu', 'cgroup'),
    line('/', '/sys/fs/cgroup/memory', 'cgroup'),
    line('/', '/', 'ext4'),
  ];
  assert.deepEqual(hierarchiesIn(mounts.join('\n')), ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/memory']);
});

test('cgroup v2 has the one', () => {
  assert.deepEqual(hierarchiesIn(`${line('/', '/sys/fs/cgroup', 'cgroup2')}\n`), ['/sys/fs/cgroup']);
});

test('what is mounted elsewhere, or shows only a part, is none of ours', () => {
  const mounts = [line('/docker/x', '/sys/fs/cgroup/cpu', 'cgroup'), line('/', '/elsewhere/cpu', 'cgroup')];
  assert.deepEqual(hierarchiesIn(mounts.join('\n')), []);
});
