/** Versions that are bad, each in one way, and what the update has to say of them: the gate, what it read, what was wanted. */
import type { Wanted } from '../../e2e/support/release/program.ts';

export interface Fault {
  readonly what: string;
  readonly over: Partial<Wanted>;
  /** What the failed update names. */
  readonly says: RegExp;
  /** Whether only users can bring it out: then some of them meet it. */
  readonly exposed?: boolean;
  /** Whether the release was never begun: what comes before it failed, and left nothing. */
  readonly before?: boolean;
  /** Whether the migration before it had something to do. */
  readonly widens?: boolean;
}

/** What a version takes for an answer when nothing is wrong: so that twice as long is told from a busy machine. */
export const USUAL_MS = 150;

/** Who is never ready is waited for no longer than it takes to tell. */
const SHORT = { ready: '20s', keepFor: '1s', deadline: '180s' };

export const FAULTS: Readonly<Record<'plain' | 'whole', readonly Fault[]>> = {
  plain: [
    {
      what: 'crash at start',
      over: { environment: { CRASH: 'yes' } },
      says: /start: container app of pod \S+ ended 3 times, last with exit code 3; wanted fewer than 3/,
    },
    {
      what: 'readiness never true',
      over: { environment: { READY: 'no' }, timing: SHORT },
      says: /readiness: pod \S+: app runs, not ready.*; wanted all pods ready in \d+ s/,
    },
    {
      what: '20 % errors',
      over: { environment: { ERROR_SHARE: '0.2' } },
      says: /errors \/health: fail: \d+ of \d+ requests failed.*; wanted at most 5 %/,
    },
    {
      what: 'latency doubled',
      over: { environment: { LATENCY: `${2 * USUAL_MS}` } },
      says: /latency \/health: fail: [\d.]+ ms in the window, stable .*; wanted at most 1\.5 ×/,
    },
    {
      what: 'errors above a load',
      over: { environment: { ABOVE: '24' } },
      says: /(health|errors) ?\S*: fail: .*; wanted /,
      exposed: true,
    },
    {
      what: 'bad variable',
      over: { environment: { PORT: '80O0' } },
      says: /start: container app of pod \S+ ended 3 times, last with exit code 2; wanted fewer than 3/,
    },
    {
      what: 'image does not exist',
      over: { image: 'registry.invalid/none:1' },
      // Nobody answers there, which a slow registry could do as well: an error, which may be tried again.
      says: /error: readiness: .*app: (ErrImagePull|ImagePullBackOff) \(.*registry\.invalid\/none:1.*wanted all pods ready in/,
    },
  ],
  // In this order: the migration that fails meets a schema that is still to be widened, which the next one then does.
  whole: [
    {
      what: 'migration fails',
      over: { migration: { schema: '1.1.0', faults: { FAULT_MIGRATION: 'true' } } },
      says: /migrate-[0-9a-f]+/,
      before: true,
    },
    {
      what: 'database unreachable',
      over: { environment: { DATABASE: 'postgres-gone:5432' } },
      widens: true,
      says: /database: fail: (\S+: \d+ failures in a row|\d+ of \d+ looks at the database failed).*; wanted fewer than 3 failures/,
    },
  ],
};
