/** What the enforcer says about itself, and how to read it. It writes the file; `make up` and the tests judge by it. */

/** Inside the instance. */
export const STATUS_FILE = '/run/netpol/status.json';

/** Milliseconds between two reports of an enforcer that has nothing to do. */
export const HEARTBEAT = 2000;

export interface Status {
  /** When this was written, ISO 8601. */
  readonly at: string;
  /** What is in force; absent until the first table made from all three collections. */
  readonly applied?: {
    readonly at: string;
    readonly pods: number;
    readonly policies: number;
    /** Of each collection, the version it was made from. */
    readonly resourceVersions: Readonly<Record<string, string>>;
  };
  /** Collections that are not followed at the moment, and why. What is in force stays. */
  readonly lost: Readonly<Record<string, string>>;
  /** Why the newest table is not in force. */
  readonly refused?: string;
}

/**
 * What is wrong with the enforcer, in one sentence, or undefined if what is in force is what the API server has.
 *
 * @param text the content of the status file; undefined if there is none
 */
export function enforcerProblem(text: string | undefined, now = Date.now()): string | undefined {
  if (text === undefined) return 'the enforcer of NetworkPolicies has not started';
  const { at, applied, lost, refused } = JSON.parse(text) as Status;
  const silent = Math.round((now - Date.parse(at)) / 1000);
  if (silent * 1000 > 5 * HEARTBEAT) return `the enforcer of NetworkPolicies has not reported for ${silent} s`;
  if (refused) return `the kernel refused the NetworkPolicies: ${refused}`;
  const [away] = Object.entries(lost);
  if (away) return `the enforcer of NetworkPolicies does not follow ${away[0]}: ${away[1]}`;
  return applied ? undefined : 'the enforcer of NetworkPolicies has not judged yet';
}
