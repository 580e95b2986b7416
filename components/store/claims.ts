/** The volumes of a store: one claim a member, each a resource, so that a larger one is a change in place. */
import { PersistentVolumeClaim } from '@pulumi/kubernetes/core/v1/persistentVolumeClaim.js';
import type { Resource } from '@pulumi/pulumi';
import type { Bytes } from '../core/index.ts';
import type { Child, Place } from './place.ts';

/** The volume of a store, one for each of its members. */
export interface Volume {
  /** Size of each volume. A larger one grows the volumes in place, where their class allows it; a smaller one is refused. */
  readonly storage: Bytes;
  /**
   * Another one is refused: it would mean other, empty volumes.
   * @default the cluster's default class
   */
  readonly storageClass?: string | undefined;
  /**
   * Whether the engine refuses to delete what holds the data, until it is unprotected on purpose.
   * @default false
   */
  readonly protect?: boolean;
}

/** The name of the volume in the pod, and in front of the claims' names. */
export const DATA = 'data';

const claimSpec = ({ storage, storageClass }: Volume) => ({
  accessModes: ['ReadWriteOnce'],
  ...(storageClass !== undefined && { storageClassName: storageClass }),
  resources: { requests: { storage } },
});

/** What ties a set to its claims: it takes the one named `data-<set>-<i>` if there is one, and there always is. */
export const claimTemplate = ({ selector }: Place, volume: Volume) => ({
  metadata: { name: DATA, labels: selector },
  spec: claimSpec(volume),
});

/** The claims of all members, under the names that a StatefulSet gives them. */
export function claims(
  { name, namespace, selector }: Place,
  volume: Volume & { readonly replicas: number },
  child: Child,
): Resource[] {
  return Array.from({ length: volume.replicas }, (_, member) => {
    const metadata = {
      name: `${DATA}-${name}-${member}`,
      namespace,
      labels: selector,
      annotations: {
        // A class may bind only once a pod is there, which waits for the claim.
        'pulumi.com/skipAwait': 'true',
        // One that the set has made itself is taken over, with its size.
        'pulumi.com/patchForce': 'true',
      },
    };
    return new PersistentVolumeClaim(
      `${name}-${DATA}-${member}`,
      { metadata, spec: claimSpec(volume) },
      { ...child, protect: volume.protect ?? false },
    );
  });
}
