/**
 * Whom the programs of an add-on talk to. The stack makes the fence of each add-on's namespace of it, the same way as the
 * platform's own: closed but for these.
 */

/** An end of a connection: pods of the add-on's own namespace, of another one, or addresses. */
export type Place =
  | { readonly pods: Record<string, string> }
  | { readonly namespace: string; readonly pods: Record<string, string> }
  | { readonly cidrs: readonly string[] };

/** What to hand to the fence: places by name, and each connection once. */
export interface Connections {
  readonly places: Readonly<Record<string, Place>>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly protocols?: readonly ('TCP' | 'UDP')[];
  }[];
}

/** What of the cluster an add-on may need to know for them. */
export interface Surroundings {
  /** Where pods reach the API server, and where it comes from when it calls a webhook. */
  readonly apiServer: { readonly cidrs: readonly string[]; readonly port: number };
  /** The pods of the cluster's DNS. */
  readonly dns: Place;
}
