/**
 * What other teams may read of a stack: the contract. Names and types change only with `contractVersion`; nothing in it
 * is a secret, so that reading it needs no passphrase.
 */
import * as pulumi from '@pulumi/pulumi';
import type { Gate, Verdict } from '../components/gates/index.ts';
import type { Last } from '../components/release/index.ts';

/** Raised when a name or a type changes; a new name alone does not raise it. */
export const CONTRACT_VERSION = 1;

/** Where something answers. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Where a secret stands in the cluster. Reading it takes the cluster's permission. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

export interface Outputs {
  readonly contractVersion: number;
  /** `local`, `staging` or `production`. */
  readonly environment: string;
  readonly namespace: string;
  /** Whether the API can be reached from outside the cluster, and where; `api` inside, for pods an edge names. */
  readonly endpoints: {
    readonly api: Endpoint | null;
    readonly apiInside: Endpoint;
    readonly postgresInside: Endpoint;
    readonly redisInside: Endpoint;
    readonly minioInside: Endpoint;
  };
  readonly running: { readonly version: string; readonly image: string };
  /** The release of the API that is live: which, on which side, since when, and what its gates said. */
  readonly release: pulumi.Output<Last>;
  readonly buckets: { readonly documents: string; readonly reports: string };
  /** References only. */
  readonly secrets: {
    readonly postgresPassword: SecretReference;
    readonly redisPassword: SecretReference;
    readonly minioAccessKey: SecretReference;
    readonly minioSecretKey: SecretReference;
  };
  /** The gates by name, and what each said last. All are `pass` after an update that succeeded. */
  readonly gates: Readonly<Record<string, pulumi.Output<Verdict>>>;
}

/** An endpoint with its address put together. */
export const endpoint = (scheme: string, host: string, port: number): Endpoint => ({
  host,
  port,
  url: `${scheme}://${host}:${port}`,
});

/** The verdicts of the gates, in the order of their names. */
export const verdicts = (gates: Readonly<Record<string, Gate>>): Outputs['gates'] =>
  Object.fromEntries(
    Object.entries(gates)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, gate]) => [name, pulumi.output(gate.verdict)]),
  );
