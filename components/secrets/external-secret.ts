/** One Secret whose values are not ours: the operator reads them from a store, and reads them again and again. */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { labels, PlatformComponent, Problems, seconds, type Duration } from '../core/index.ts';
import { API_VERSION, type SecretStore } from './store.ts';

/** Where a value stands. */
export interface Source {
  /** The entry, as the store names it: `corporate-intel/staging/api`. */
  readonly entry: string;
  /** The field of the entry, which is JSON, or of the key-value pairs. */
  readonly field: string;
}

export interface ExternalSecretArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly store: Pick<SecretStore, 'reference'>;
  /** The Secret that the operator makes. It is the operator's: nothing else may write it, and it goes with this. */
  readonly secretName: string;
  /** What the Secret holds, by its keys; at least one. An entry without one of the fields makes the whole not ready. */
  readonly values: Readonly<Record<string, Source>>;
  /** How often the store is asked. Each asking is at most one request for each value; a rotated one comes that late. */
  readonly every: Duration;
}

/**
 * An ExternalSecret (A-SEC-2, D-VAULT-12). The program knows where the values are and never what they are: neither the
 * state nor a plan holds one, and a rotated one is no change. A container that has them in its environment sees it at its
 * next start.
 *
 * *Failure*: while the store does not answer, the Secret keeps what it has; where it has never answered there is no
 * Secret, and a pod that needs it waits for it.
 */
export class ExternalSecret extends PlatformComponent {
  readonly secretName: string;

  constructor(name: string, args: ExternalSecretArgs, options: pulumi.ComponentResourceOptions) {
    const keys = Object.keys(args.values).toSorted();
    super('platform:secrets:ExternalSecret', name, { secret: args.secretName, keys }, options);
    const { namespace, partOf, store, secretName, values } = args;
    const problems = new Problems();
    problems.require(keys.length > 0, {
      where: 'ExternalSecretArgs.values',
      found: 'none',
      wanted: 'at least one value',
    });
    problems.throwIfAny(`ExternalSecret "${name}"`);
    new CustomResource(
      `${name}-external`,
      {
        apiVersion: API_VERSION,
        kind: 'ExternalSecret',
        metadata: { name, namespace, labels: labels({ component: 'secrets', instance: name, partOf }) },
        spec: {
          refreshInterval: written(args.every),
          secretStoreRef: { ...store.reference },
          target: { name: secretName, creationPolicy: 'Owner', deletionPolicy: 'Retain' },
          data: keys.map((key) => ({
            secretKey: key,
            remoteRef: { key: values[key]!.entry, property: values[key]!.field },
          })),
        },
      },
      { parent: this },
    );
    this.secretName = secretName;
    this.registerOutputs({});
  }
}

/**
 * A duration as Go writes it: `1h0m0s`, `30m0s`, `45s`. The operator writes the object back once, in this spelling; another
 * one would be a change in every plan.
 */
function written(duration: Duration): string {
  const total = seconds(duration);
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  return `${hours > 0 ? `${hours}h` : ''}${total >= 60 ? `${minutes}m` : ''}${rest}s`;
}
