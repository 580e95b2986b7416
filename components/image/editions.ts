/**
 * Tags and build arguments of one build of a product, said once: for what Pulumi builds and for what a person builds by hand.
 * Pure. Time and commit are arguments: a program that reads the clock has another plan every second.
 */
import { Problems, shown } from '../core/index.ts';

/** One build: its name that never moves, one that follows the newest, and what its recipe is told. */
export interface Edition {
  readonly tags: {
    /** Names this build for ever: it is pushed once. */
    readonly fixed: string;
    /** Moves to each new build, for people. Nothing that is deployed goes by it. */
    readonly moving?: string;
  };
  /** Build arguments by name. They stay readable in the image's history: never a secret. */
  readonly arguments: Readonly<Record<string, string>>;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const ENVIRONMENT = /^[a-z][a-z0-9-]{0,30}$/;

const built = (builtAt: string): { where: string; found: string; wanted: string } => ({
  where: 'builtAt',
  found: shown(builtAt),
  wanted: 'a time in UTC to the second, like "2026-01-31T12:00:00Z"',
});

/**
 * A build for an environment, named after its time (A-IMG-1, A-IMG-2): `staging-20260131-120000` and `staging-latest`, built
 * with `ENVIRONMENT=staging`.
 *
 * @param builtAt ISO 8601 in UTC, to the second
 */
export function staged({ environment, builtAt }: { environment: string; builtAt: string }): Edition {
  const problems = new Problems();
  const time = TIME.exec(builtAt);
  problems.require(time !== null && !Number.isNaN(Date.parse(builtAt)), built(builtAt));
  problems.require(ENVIRONMENT.test(environment), {
    where: 'environment',
    found: shown(environment),
    wanted: 'small letters, digits and "-", the first a letter',
  });
  problems.throwIfAny('the edition of an image');
  const [, year, month, day, hour, minute, second] = time!;
  return {
    tags: {
      fixed: `${environment}-${year}${month}${day}-${hour}${minute}${second}`,
      moving: `${environment}-latest`,
    },
    arguments: { ENVIRONMENT: environment },
  };
}

/**
 * A release, named after its version (B-IMG-3, B-IMG-4): `3.2.0`, built with `VERSION`, `BUILD_TIME` and `GIT_COMMIT`.
 *
 * @param builtAt ISO 8601 in UTC, to the second
 * @param commit the whole hash of the commit that is built
 */
export function released(of: { version: string; builtAt: string; commit: string }): Edition {
  const { version, builtAt, commit } = of;
  const problems = new Problems();
  problems.require(VERSION.test(version), {
    where: 'version',
    found: shown(version),
    wanted: 'a version in three parts without "v", like "3.2.0"',
  });
  problems.require(TIME.test(builtAt) && !Number.isNaN(Date.parse(builtAt)), built(builtAt));
  problems.require(COMMIT.test(commit), {
    where: 'commit',
    found: shown(commit),
    wanted: 'the whole hash of a commit: 40 hexadecimal digits',
    remedy: 'git rev-parse HEAD',
  });
  problems.throwIfAny('the edition of an image');
  return { tags: { fixed: version }, arguments: { VERSION: version, BUILD_TIME: builtAt, GIT_COMMIT: commit } };
}
