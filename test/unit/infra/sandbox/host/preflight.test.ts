import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, BUILDERS, judge, report, TOOLS, type Machine } from '../../../../../infra/sandbox/host/preflight.ts';

const GiB = 2 ** 30;
const fit: Machine = {
  platform: 'linux',
  architecture: 'x64',
  uid: 0,
  cores: 2,
  memoryBytes: 6 * GiB,
  freeBytes: { '/cache': 15 * GiB, '/state': 15 * GiB },
  filesystems: new Set(['ext4', 'overlay']),
  namespaces: new Set(['net', 'mnt', 'pid', 'cgroup', 'ipc', 'uts', 'user']),
  controllers: new Set(['cpu', 'memory', 'pids', 'cpuset']),
  tools: new Set([...Object.keys(TOOLS), ...Object.keys(BUILDERS)]),
  go: '1.26.0',
  mustBuild: true,
  unreachable: {},
};

const without = (set: ReadonlySet<string>, name: string): Set<string> =>
  new Set([...set].filter((one) => one !== name));

test('a machine that just has everything is ready', () => {
  assert.deepEqual(judge(fit), []);
});

const lacking: Record<string, { readonly machine: Partial<Machine>; readonly found: RegExp; readonly remedy: RegExp }> =
  {
    'an ordinary user': { machine: { uid: 1000 }, found: /user 1000 is not root/, remedy: /sudo.*pulumi up -s local/s },
    'one core': { machine: { cores: 1 }, found: /^1 core$/, remedy: /2 or more/ },
    'too little memory': {
      machine: { memoryBytes: 6 * GiB - 1 },
      found: /6\.0 GiB of memory/,
      remedy: /6\.0 GiB or more/,
    },
    'a full disk at the cache': {
      machine: { freeBytes: { '/cache': 14 * GiB, '/state': 15 * GiB } },
      found: /14\.0 GiB free at \/cache/,
      remedy: /PLATFORM_CACHE/,
    },
    'a full disk at the state': {
      machine: { freeBytes: { '/cache': 15 * GiB, '/state': GiB } },
      found: /1\.0 GiB free at \/state/,
      remedy: /PLATFORM_SANDBOX/,
    },
    'no Go': { machine: { go: undefined }, found: /Go is not on PATH/, remedy: /Go 1\.26 or newer/ },
    'an old Go': { machine: { go: '1.19.8' }, found: /^Go 1\.19\.8$/, remedy: /1\.26/ },
    'no ip': {
      machine: { tools: without(fit.tools, 'ip') },
      found: /not on PATH: ip$/,
      remedy: /apt-get install iproute2$/,
    },
    'no dpkg-deb': { machine: { tools: without(fit.tools, 'dpkg-deb') }, found: /dpkg-deb/, remedy: /dpkg/ },
    'no overlay': { machine: { filesystems: new Set(['ext4']) }, found: /no overlay file systems/, remedy: /modprobe/ },
    'no network namespaces': {
      machine: { namespaces: without(fit.namespaces, 'net') },
      found: /no net namespaces/,
      remedy: /kernel/,
    },
    'no memory controller': {
      machine: { controllers: without(fit.controllers, 'memory') },
      found: /no the memory cgroup controller/,
      remedy: /kernel/,
    },
    'no registry': {
      machine: { unreachable: { 'the npm registry': 'ENOTFOUND' } },
      found: /the npm registry cannot be reached: ENOTFOUND/,
      remedy: /proxy/,
    },
  };

for (const [name, { machine, found, remedy }] of Object.entries(lacking)) {
  test(`${name} is found, alone, with its remedy`, () => {
    const problems = judge({ ...fit, ...machine });
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0]!.found, found);
    assert.match(problems[0]!.remedy, remedy);
  });
}

test('all problems are reported at once', () => {
  const all = Object.values(lacking).reduce<Machine>((sum, { machine }) => ({ ...sum, ...machine }), fit);
  const problems = judge({ ...all, freeBytes: { '/cache': 0, '/state': 0 }, tools: new Set(), go: undefined });
  const text = report(problems);
  for (const word of ['root', 'core', 'memory', '/cache', '/state', 'Go', 'iproute2', 'namespaces', 'registry']) {
    assert.ok(text.includes(word), `${word} is missing in:\n${text}`);
  }
});

test('on another system only one thing is said: how to use a cluster that is there', () => {
  const problems = judge({ ...fit, platform: 'darwin', architecture: 'arm64', uid: 501, cores: 1 });
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.remedy, /pulumi up -s local.*current kube context/);
});

test('once everything is built, neither Go nor the packager nor 15 GiB are asked for', () => {
  const tools = new Set(Object.keys(TOOLS));
  const freeBytes = { '/cache': 5 * GiB, '/state': 5 * GiB };
  assert.deepEqual(judge({ ...fit, mustBuild: false, go: undefined, tools, freeBytes }), []);
});

test('versions are compared by number, not by letter', () => {
  assert.ok(atLeast('1.26', '1.26') && atLeast('1.26.3', '1.26') && atLeast('1.100', '1.26') && atLeast('2.0', '1.26'));
  assert.ok(!atLeast('1.3', '1.26') && !atLeast('1.25.9', '1.26') && !atLeast('1', '1.26'));
});
