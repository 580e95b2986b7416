/** Every shell script of the tree, and those that the program writes, as shellcheck reads them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostScript, userData, type HostSettings } from '../../infra/host/index.ts';
import { shellcheck } from '../../infra/sandbox/build/scanners.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';

const read = (file: string): string => readFileSync(join(CHECKOUT, file), 'utf8');

/** By their first line, or where they have none that names a program, by their name. */
const scripts = globSync('{.ci,components,infra,stacks,test}/**/*', { cwd: CHECKOUT })
  .filter((file) => file.endsWith('.sh') || !/\.[a-z]+$/.test(file))
  .filter((file) => statSync(join(CHECKOUT, file)).isFile())
  .filter((file) => {
    const [first = ''] = read(file).split('\n', 1);
    return first.startsWith('#!') ? /\b(sh|bash)\b/.test(first) : file.endsWith('.sh');
  })
  .toSorted();

/** Pieces that others put in front of or behind: which names they read and give, no piece can tell. */
const PIECES = /^infra\/host\/scripts\//;
/** Fed to `sh -eu` by layer.sh, one by one. */
const FED = /^infra\/sandbox\/images\/.*finish\.sh$/;

/** What shellcheck suspects and somebody has looked at. A finding that is no longer there has to go from here, too. */
const JUDGED: Readonly<Record<string, string>> = {
  'components/redis/scripts/cluster.sh SC2015': 'the last command is wanted in both cases',
  'components/redis/scripts/sentinel.sh SC2015': 'the last command is wanted in both cases',
  'infra/sandbox/bootstrap.sh SC2016': 'another program expands it',
  'infra/sandbox/host/root.sh SC2164': 'whoever reads it runs under set -e',
  'infra/sandbox/images/reference-api/files/usr/local/bin/corporate-intel SC2164':
    'what comes next fails then, and says why',
  'infra/sandbox/node/services.sh SC2174': 'the folders above are there',
};

const options = (file: string): string[] => {
  const shell = FED.test(file) || !/^#!/.test(read(file)) ? ['--shell=sh'] : [];
  // It is told one file, and follows no other.
  return file.endsWith('root.sh')
    ? ['--exclude=SC1090,SC1091,SC2034,SC2154']
    : [...shell, `--exclude=SC1090,SC1091${PIECES.test(file) ? ',SC2034,SC2154' : ''}`];
};

test('shellcheck finds a planted mistake', async () => {
  assert.match(await shellcheck('#!/bin/sh\nrm -rf $1/*\n'), /SC2086/);
});

test('nothing is wrong with any shell script of the tree that nobody has judged', async () => {
  assert.ok(scripts.length > 30, `only ${scripts.length} scripts were seen`);
  const found: string[] = [];
  const judged = new Set<string>();
  for (const file of scripts) {
    for (const line of (await shellcheck(read(file), ...options(file))).split('\n').filter(Boolean)) {
      const known = `${file} ${/\[(SC\d+)\]$/.exec(line)?.[1]}`;
      if (known in JUDGED) judged.add(known);
      else found.push(line.replace('-', file));
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual([...judged], Object.keys(JUDGED));
});

const PLAIN: HostSettings = { name: 'tria-aibpo', firewall: { sshFrom: ['203.0.113.7/32'] } };
const FULL: HostSettings = {
  ...PLAIN,
  firewall: { ...PLAIN.firewall, backendFrom: ['192.0.2.0/24'], metricsFrom: ['198.51.100.4/32'] },
  dataDevice: '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0',
  secret: { id: 'tria-aibpo-staging/env', region: 'us-east-1' },
};

for (const [what, settings] of Object.entries({ 'as little as possible': PLAIN, everything: FULL })) {
  test(`nothing is wrong with the script of a host that is told ${what}, nor with its user data`, async () => {
    assert.equal(await shellcheck(hostScript(settings)), '');
    const script = /\n(#!\/bin\/sh\n[^]*)\n--==platform-host==--\n$/.exec(userData(settings));
    assert.equal(await shellcheck(script![1]!), '');
  });
}
