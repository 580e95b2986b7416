/** What belongs to which suite, and in what order it runs. A test file that no suite names is a failure of `make check`. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';

const under = (folder: string): string[] => globSync(`test/${folder}/**/*.test.ts`, { cwd: CHECKOUT }).toSorted();

/**
 * Unit tests that compose whole stacks or walk through releases, again and again: more than half of the time of all of them. They
 * wait for `make test`, so that `make check` stays what people run all the time.
 */
const UNIT_LONG = [
  'stacks/corporate-intelligence',
  'stacks/aws/balancing',
  'stacks/standalone',
  'stacks/secrets',
  'stacks/architect',
  'components/release/runner/walk',
  'components/release/runner/traffic-nginx',
  'components/release/runner/undo',
  'components/release/runner/broken-live',
  'components/release/runner/metrics',
  'components/release/host',
  'components/release/removed',
  'infra/addons/cert-manager',
  'test/open-loop',
] as const;

/**
 * Unit tests with a process of their own: they set up the SDK, the environment or hooks for all of their tests, and so for all
 * that would share one with them, or they measure.
 */
const UNIT_APART = [
  'components/core/component',
  'components/gates/shell',
  'components/backup/job/store',
  'infra/sandbox/host/cache',
  'test/open-loop',
] as const;

const unitApart: readonly string[] = UNIT_APART.map((name) => `test/unit/${name}.test.ts`);

const unitLong: readonly string[] = UNIT_LONG.map((name) => `test/unit/${name}.test.ts`);

/**
 * Of the tests on the engine those that measure how long something takes, or make a gate wait for an answer: they have the
 * machine for themselves. The others only plan.
 */
const ENGINE_TIMED = ['release', 'rollback', 'gates', 'engine', 'gate-faults'] as const;

/** Of the others, the longest: they begin first. */
const ENGINE_LONG = ['quiet', 'data', 'aws-inputs', 'plans', 'images-pinned'] as const;

const engineFiles = (names: readonly string[]): string[] => names.map((name) => `test/engine/${name}.test.ts`);

/** The tests on a deployed platform share one sandbox, so their order matters: those that only look come first. */
const DEPLOYED = [
  'up',
  'secrets',
  'network',
  'policies',
  'gates',
  'changes',
  'backup',
  'release-edge',
  'mending',
] as const;

/**
 * Releases of workloads of their own, and a platform of its own that fails on the way, each file in namespaces of its own, or on a
 * Docker daemon of its own: two at a time, since most of it is waiting, but none in the spare time alone, since their users ask
 * all the while. The longest come first. `release-edge` is not among them: it measures how quick answers are.
 */
const TRIALS = [
  'release-odd',
  'release-bad',
  'failed-up',
  'release-kills',
  'release-metrics',
  'release',
  'rollover',
] as const;

/**
 * The tests on production's shape, deployed beside it in the same sandbox, a line after the other: first those that look, then
 * those that break. Those of a line break different things, and each asks only for what it breaks: most of their time is waiting.
 * `quiet` has every certificate issued anew, which clients and servers inside learn of within minutes: it comes last.
 */
const REHEARSED = [
  ['truth'],
  ['drain'],
  ['reports'],
  ['scaling'],
  ['edge'],
  ['minio', 'rabbitmq', 'acme'],
  ['sentinel', 'failover'],
  ['quiet'],
] as const;

/**
 * On the deployed cluster as well, but in namespaces of its own, and nothing in it measures a time: beside the rehearsal, which
 * waits more than it works.
 */
const LODGERS = ['conformance'] as const;

/** The tests on `architect-rehearsal`, in the same sandbox, before the rehearsal is there. Destroyed afterwards. */
const ARCHITECT = ['architect'] as const;

/** These bring what they need themselves and touch no deployed platform: they may run beside one. */
const ALONE = [
  'manifests',
  'shell',
  'host-preparation',
  'images',
  'image-built',
  'architect-api',
  'standalone',
  'reference-api',
  'reference-api-faults',
  'migrations',
  'chatbot',
  'tria',
] as const;

/** Docker daemons of their own; nothing else of them is shared with a deployed platform but the machine. */
const HOSTS = ['docker'] as const;

/** These look at the whole machine, before and after. */
const LAST = ['instance'] as const;

const existing = (names: readonly string[]): string[] => {
  const found = new Set(under('e2e'));
  return names.map((name) => join('test/e2e', `${name}.test.ts`)).filter((file) => found.has(file));
};

export const suites = {
  /** Pure logic and strict mocks: no process, no network, no root. */
  unit: (): string[] => [...unitLong, ...suites.unitShort()],
  /** Of these, what a minute has room for. */
  unitShort: (): string[] => under('unit').filter((file) => !unitLong.includes(file)),
  /** Whether a test of these needs a process for itself. */
  isApart: (file: string): boolean => unitApart.includes(file),
  /** What holds for the tree as a whole: layers, documentation, the suites themselves. */
  rules: (): string[] => under('rules'),
  /** Defects planted one at a time: each has to turn one test red. */
  defects: (): string[] => under('defects'),
  /** The real engine on a local backend, no cluster: what looks at the clock. */
  engineTimed: (): string[] => engineFiles(ENGINE_TIMED),
  /** The real engine on a local backend, no cluster: everything else. */
  engine: (): string[] => {
    const [timed, long] = [engineFiles(ENGINE_TIMED), engineFiles(ENGINE_LONG)];
    return [...long, ...under('engine').filter((file) => !timed.includes(file) && !long.includes(file))];
  },
  /** Real containers and nodes, each test with its own. */
  alone: (): string[] => existing(ALONE),
  /** Guests of the cluster that disturb nobody in it. */
  lodgers: (): string[] => existing(LODGERS),
  /** What runs on Docker hosts. */
  hosts: (): string[] => existing(HOSTS),
  /** Sandboxes as such; nothing else may run. */
  last: (): string[] => existing(LAST),
  /** The platform as `make up` leaves it. */
  deployed: (): string[] => existing(DEPLOYED),
  /** Releases on the cluster that the platform is deployed on, beside it. */
  trials: (): string[] => existing(TRIALS),
  /** The stack `architect-rehearsal` as `make up STACK=architect-rehearsal` leaves it. */
  architect: (): string[] => existing(ARCHITECT),
  /** The stack `rehearsal` as `make up STACK=rehearsal` leaves it: those of a line side by side. */
  rehearsed: (): string[][] => REHEARSED.map(existing),
} as const;

/** Test files of `test/e2e` that no list above names. */
export function forgotten(): string[] {
  const named = new Set([
    ...suites.alone(),
    ...suites.lodgers(),
    ...suites.hosts(),
    ...suites.last(),
    ...suites.deployed(),
    ...suites.trials(),
    ...suites.architect(),
    ...suites.rehearsed().flat(),
  ]);
  return under('e2e').filter((file) => !named.has(file));
}

/** Names in the lists above that no file stands for. */
export const missing = (): string[] => [
  ...[...ALONE, ...LODGERS, ...HOSTS, ...LAST, ...DEPLOYED, ...TRIALS, ...ARCHITECT, ...REHEARSED.flat()].filter(
    (name) => !under('e2e').includes(join('test/e2e', `${name}.test.ts`)),
  ),
  ...[...unitLong, ...unitApart].filter((file) => !under('unit').includes(file)),
  ...[...ENGINE_TIMED, ...ENGINE_LONG].filter((name) => !under('engine').includes(`test/engine/${name}.test.ts`)),
];
