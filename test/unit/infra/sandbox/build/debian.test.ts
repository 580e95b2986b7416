import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourcesOf } from '../../../../../infra/sandbox/build/debian.ts';

const list = (text: string): string[] => sourcesOf('bookworm', text, false);
const stanzas = (text: string): string[] => sourcesOf('bookworm', text, true);

test('one-line entries of the release and of its updates are taken, with and without options', () => {
  const lines = [
    'deb http://mirror/debian bookworm main',
    'deb [signed-by=/k.gpg arch=amd64] http://mirror/debian-security bookworm-security main',
  ];
  assert.deepEqual(list(lines.join('\n')), lines);
});

test('one-line entries for sources, other releases, other people, and comments are not', () => {
  const lines = [
    'deb-src http://mirror/debian bookworm main',
    'deb http://mirror/debian trixie main',
    'deb https://cloud/apt cloud-sdk-bookworm main',
    'deb https://cloud/apt extra-bookworm-updates main',
    '# deb http://mirror/debian bookworm main',
    '',
  ];
  assert.deepEqual(list(lines.join('\n')), []);
});

test('stanzas are chosen by their suites, also when folded over lines, in any case, and among comments', () => {
  const debian =
    'Types: deb\n# snapshot\nURIs: http://mirror/debian\nsuites: bookworm\n bookworm-updates\nComponents: main';
  const node = 'Types: deb\nURIs: https://node\nSuites: nodistro\nComponents: main';
  const taken = stanzas(`${node}\n\n${debian}\n\n`);
  assert.equal(taken.length, 1);
  assert.match(taken[0]!, /^URIs: http:\/\/mirror\/debian$/m);
});

test('stanzas that are switched off, or for sources alone, are not taken', () => {
  const one = 'URIs: http://mirror/debian\nSuites: bookworm\nComponents: main';
  assert.deepEqual(stanzas(`Enabled: no\nTypes: deb\n${one}\n\nTypes: deb-src\n${one}`), []);
});
