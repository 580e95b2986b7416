/** What belongs to which suite, and in what order it runs. A test file that no suite names is a failure of `make check`. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';

const under = (folder: string): string[] => globSync(`test/${folder}/**/*.test.ts`, { cwd: CHECKOUT }).toSorted();

/** The tests on a deployed platform share one sandbox, so their order matters: those that only look come first. */
const DEPLOYED = [
  'up',
  'secrets',
  'network',
  'policies',
  'gates',
  'changes',
  'backup',
  'conformance',
  'release-edge',
  'failed-up',
  'mending',
] as const;

/**
 * Releases of workloads of their own, each file in namespaces of its own: two at a time, since most of a release is waiting. The
 * longest come first. `release-edge` is not among them: it measures how quick answers are.
 */
const TRIALS = ['release-odd', 'release-bad', 'release-kills', 'release-metrics', 'release'] as const;

/**
 * The tests on production's shape, deployed beside it in the same sandbox: first those that look, then those that break.
 * `quiet` has every certificate issued anew, which clients and servers inside learn of within minutes: it comes last.
 */
const REHEARSED = [
  'truth',
  'drain',
  'reports',
  'scaling',
  'edge',
  'minio',
  'rabbitmq',
  'sentinel',
  'failover',
  'acme',
  'quiet',
] as const;

/** These bring what they need themselves and touch no deployed platform: they may run beside one. */
const ALONE = ['manifests', 'images', 'reference-api', 'reference-api-faults', 'migrations'] as const;

/** These look at the whole machine, before and after. */
const LAST = ['instance'] as const;

const existing = (names: readonly string[]): string[] => {
  const found = new Set(under('e2e'));
  return names.map((name) => join('test/e2e', `${name}.test.ts`)).filter((file) => found.has(file));
};

export const suites = {
  /** Pure logic and strict mocks: no process, no network, no root. */
  unit: (): string[] => under('unit'),
  /** What holds for the tree as a whole: layers, documentation, the suites themselves. */
  rules: (): string[] => under('rules'),
  /** Defects planted one at a time: each has to turn one test red. */
  defects: (): string[] => under('defects'),
  /** The real engine on a local backend. No cluster. */
  engine: (): string[] => under('engine'),
  /** Real containers and nodes, each test with its own. */
  alone: (): string[] => existing(ALONE),
  /** Sandboxes as such; nothing else may run. */
  last: (): string[] => existing(LAST),
  /** The platform as `make up` leaves it. */
  deployed: (): string[] => existing(DEPLOYED),
  /** Releases on the cluster that the platform is deployed on, beside it. */
  trials: (): string[] => existing(TRIALS),
  /** The stack `rehearsal` as `make up STACK=rehearsal` leaves it. */
  rehearsed: (): string[] => existing(REHEARSED),
} as const;

/** Test files of `test/e2e` that no list above names. */
export function forgotten(): string[] {
  const named = new Set([
    ...suites.alone(),
    ...suites.last(),
    ...suites.deployed(),
    ...suites.trials(),
    ...suites.rehearsed(),
  ]);
  return under('e2e').filter((file) => !named.has(file));
}

/** Names in the lists above that no file stands for. */
export const missing = (): string[] =>
  [...ALONE, ...LAST, ...DEPLOYED, ...TRIALS, ...REHEARSED].filter(
    (name) => !under('e2e').includes(join('test/e2e', `${name}.test.ts`)),
  );
