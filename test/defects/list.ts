/** The defects that tests have to catch, each by one named test; those of releases stand beside this file. Add what you had to debug. */
import { AWS } from './aws.ts';
import type { Defect } from './plant.ts';
import { RELEASE } from './release.ts';

const core = (name: string): string => `components/core/${name}.ts`;
const gates = (name: string): string => `components/gates/${name}.ts`;
const caught = (folder: 'core' | 'gates', file: string, name: string): Defect['caughtBy'] => ({
  file: `test/unit/components/${folder}/${file}.test.ts`,
  test: name,
});

const CORE: readonly Defect[] = [
  {
    harm: 'two machines plan different names for the same configuration',
    file: core('digest'),
    right: '.toSorted(([a], [b]) => (a < b ? -1 : 1))',
    wrong: '',
    caughtBy: caught('core', 'digest', 'the order of keys does not change a digest'),
  },
  {
    harm: 'anybody can try passwords against the annotation of a pod',
    file: core('digest'),
    right: "createHmac('sha256', key)",
    wrong: "createHmac('sha256', '')",
    caughtBy: caught(
      'core',
      'digest',
      'a digest of secrets changes with the secret and with the key, and cannot be made without the key',
    ),
  },
  {
    harm: 'two long names become one object',
    file: core('names'),
    right: "return `${full.slice(0, LABEL_LENGTH - tail.length - 1).replace(/-+$/, '')}-${tail}`;",
    wrong: 'return full.slice(0, LABEL_LENGTH);',
    caughtBy: caught('core', 'digest', 'two long names that differ only behind the cut stay apart'),
  },
  {
    harm: 'a name of 64 characters is refused by the API server, half-way through an update',
    file: core('names'),
    right: 'const LABEL_LENGTH = 63;',
    wrong: 'const LABEL_LENGTH = 64;',
    caughtBy: caught('core', 'digest', 'a name is a DNS label of at most 63 characters, whatever its parts'),
  },
  {
    harm: 'a changed ConfigMap keeps its name, and no pod rolls',
    file: core('names'),
    right: 'dnsLabel(prefix, digest(content))',
    wrong: 'dnsLabel(prefix, digest(prefix))',
    caughtBy: caught('core', 'digest', 'a changed content is another object'),
  },
  {
    harm: 'a release changes a selector, which cannot change',
    file: core('labels'),
    right: "'app.kubernetes.io/instance': instance };",
    wrong: "'app.kubernetes.io/instance': instance, 'app.kubernetes.io/version': '1' };",
    caughtBy: caught('core', 'labels', 'a selector holds nothing that a release changes'),
  },
  {
    harm: 'a Service sends requests to the pods of another instance',
    file: core('labels'),
    right: "'app.kubernetes.io/instance': instance };",
    wrong: "'app.kubernetes.io/instance': component };",
    caughtBy: caught('core', 'labels', 'two instances of one component are told apart'),
  },
  {
    harm: 'a second instance of a component collides with the first',
    file: core('component'),
    right: '!name.startsWith(`${owner}-`)',
    wrong: '!name.startsWith(owner)',
    caughtBy: caught(
      'core',
      'component',
      'a child whose name would collide with a second instance is refused, with the name it should have',
    ),
  },
  {
    harm: 'only the first mistake in a file is reported',
    file: core('problems'),
    right: 'this.found.toSorted(',
    wrong: 'this.found.slice(0, 1).toSorted(',
    caughtBy: caught('core', 'problems', 'all problems are reported together, in the order of their places'),
  },
  {
    harm: 'a swapped pair of letters hides the name that was meant',
    file: core('problems'),
    right: 'Math.max(2, Math.floor(name.length / 3))',
    wrong: '0',
    caughtBy: caught(
      'core',
      'problems',
      'the nearest known name is found through a slip of the finger, and none through a different word',
    ),
  },
  {
    harm: 'a gate gives up before its deadline',
    file: core('quantity'),
    right: 'Math.ceil(milliseconds(text) / 1000)',
    wrong: 'Math.floor(milliseconds(text) / 1000)',
    caughtBy: caught('core', 'quantity', 'seconds are rounded up, so that no deadline gets shorter'),
  },
  {
    harm: 'Redis is told to use more memory than its pod has',
    file: core('quantity'),
    right: 'Math.floor(bytes(text) / BINARY.Mi)',
    wrong: 'Math.ceil(bytes(text) / BINARY.Mi)',
    caughtBy: caught(
      'core',
      'quantity',
      'sizes are binary, and mebibytes are rounded down, so that nothing is told more than there is',
    ),
  },
  {
    harm: '"10sec" is taken for ten seconds',
    file: core('quantity'),
    right: '/^(\\d+)(ms|s|m|h|d)$/',
    wrong: '/^(\\d+)(ms|s|m|h|d)/',
    caughtBy: caught(
      'core',
      'quantity',
      'a value without its unit, with another one, or with a sign is refused with an example',
    ),
  },
];

const GATES: readonly Defect[] = [
  {
    harm: 'a gate opens on NaN',
    file: gates('judge'),
    right: 'if (!Number.isFinite(value)) {',
    wrong: 'if (value === Infinity) {',
    caughtBy: caught('gates', 'judge', 'a number opens only when it is one, finite, and not below the limit'),
  },
  {
    harm: 'a gate opens although nothing was looked at',
    file: gates('judge'),
    right: "if (readings.length === 0) return inconclusive('', 'there was nothing to look at');",
    wrong: "if (readings.length === 0) return pass('');",
    caughtBy: caught('gates', 'judge', 'nothing read at all is not a pass'),
  },
  {
    harm: 'one good reading hides a bad one',
    file: gates('judge'),
    right: '(WEIGHT[b] > WEIGHT[a] ? b : a)',
    wrong: '(WEIGHT[b] < WEIGHT[a] ? b : a)',
    caughtBy: caught('gates', 'judge', 'of several readings the heaviest decides: fail, error, inconclusive, pass'),
  },
  {
    harm: 'a wrong answer in the body goes unseen',
    file: gates('json'),
    right: 'return wanted === found ? [] : differs;',
    wrong: 'return found !== undefined ? [] : differs;',
    caughtBy: caught('gates', 'json', 'any JSON agrees with itself, and stops to when one leaf changes'),
  },
  {
    harm: 'a service that flaps opens the gate',
    file: gates('patience'),
    right: 'length: reading.verdict === row.verdict ? row.length + 1 : 1 }',
    wrong: 'length: row.length + 1 }',
    caughtBy: caught('gates', 'patience', 'a gate that flaps never opens, and says how far it came'),
  },
  {
    harm: 'a gate without an answer asks for ever',
    file: gates('patience'),
    right: 'if (clock.now() >= deadline) {',
    wrong: 'if (clock.now() > deadline + 60_000) {',
    caughtBy: caught('gates', 'patience', 'is never longer than its deadline and one try, whatever the probe does'),
    endless: true,
  },
  {
    harm: 'a service that is back in time stays shut out',
    file: gates('patience'),
    right: 'Math.min(started + milliseconds(patience.interval), deadline) - clock.now()',
    wrong: 'started + 2 * milliseconds(patience.interval) - clock.now()',
    caughtBy: caught('gates', 'patience', 'opens when it recovers just before its deadline'),
  },
  {
    harm: 'a try that hangs takes the whole gate with it',
    file: gates('patience'),
    right: 'resolve(error(`no answer within ${perTry}`));',
    wrong: '',
    caughtBy: caught('gates', 'patience', 'a probe that never answers is cut off at its limit, and told so'),
  },
  {
    harm: 'a gate judges the release before last: its subject changed and it did not ask again',
    file: gates('gate'),
    right: "const ignored = ['name', 'patience', 'requirement'];",
    wrong: "const ignored = ['name', 'patience', 'requirement', 'subject'];",
    caughtBy: caught('gates', 'shell', 'asks again when subject, rules or any part of the question changes'),
  },
  {
    harm: 'a shut gate is taken for open after a refresh',
    file: gates('shell'),
    right: "'verdict' in before && before.verdict !== 'pass'",
    wrong: 'false',
    caughtBy: caught('gates', 'shell', 'asks again after every verdict but pass, whatever the engine remembers'),
  },
  {
    harm: 'every gate asks again when a comment in the shell changes',
    file: gates('shell'),
    right: "['__provider', ...ignored].toSorted()",
    wrong: '[...ignored].toSorted()',
    caughtBy: caught('gates', 'shell', 'does not ask again for other code, patience, names or documentation'),
  },
  {
    harm: 'a password stands in the evidence, and so in the state',
    file: gates('credentials'),
    right: 'this.protect(value);',
    wrong: '',
    caughtBy: caught('gates', 'credentials', 'a value that was read appears in no spelling in what is said afterwards'),
  },
  {
    harm: 'an expired certificate is reported as a lost connection',
    file: gates('faults'),
    right: 'if (Object.hasOwn(TLS, code)) return `TLS: ${TLS[code]!}`;',
    wrong: '',
    caughtBy: caught('gates', 'faults', 'a certificate that proves nothing is told from a connection that broke'),
  },
  {
    harm: 'an engine that was killed leaves a gate asking for its whole deadline',
    file: gates('orphan'),
    right: 'if (lineage() !== before) leave();',
    wrong: 'if (lineage() === undefined) leave();',
    caughtBy: caught('gates', 'orphan', 'leaves within a second when those that started it change, and not before'),
  },
];

export const DEFECTS: readonly Defect[] = [...CORE, ...GATES, ...RELEASE, ...AWS];
