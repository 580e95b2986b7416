/** What the API server may warn of, each with its reason. An entry that no object needs any more fails the test. */
export interface Explained {
  /** The object: `Deployment corporate-intel-staging/api`. */
  readonly object: RegExp;
  readonly warning: RegExp;
  /** Why it stays. */
  readonly reason: string;
}

export const EXPLAINED: readonly Explained[] = [];
