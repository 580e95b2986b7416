/** How gates name what they need: by reference, in plain data, so that nothing here is a secret. */

import type { Input } from '@pulumi/pulumi';

/** Where the cluster is, without a credential. */
export interface ClusterRef {
  /**
   * A context of the ambient kubeconfig (`KUBECONFIG`, or `~/.kube/config`).
   * @default the kubeconfig's current context
   */
  readonly context?: string;
  /**
   * A whole kubeconfig, for a cluster that the same stack makes and that no file knows yet. It stands in the state: it has to
   * get its credentials elsewhere, like `aws eks get-token` from the environment of who runs the update. Plain once it is in
   * the provider's hands.
   * @default the ambient one
   */
  readonly kubeconfig?: Input<string>;
}

/** One key of a Kubernetes Secret. The value is read when a gate runs, and is in no state and no evidence. */
export interface SecretKeyRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/**
 * The pods behind a Deployment or a StatefulSet; or behind a Service, and then those of the Deployment that it leads to
 * when it is asked: which one that is changes with a release.
 */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'Service';
  readonly name: string;
}

/** A port of a workload's ready pods, in turn from try to try; the way there is a port-forward of the gate's own. */
export interface WorkloadTarget {
  readonly workload: WorkloadRef;
  readonly port: number;
}

/** A port outside the cluster, or one that is reachable from here anyway. No subject can be checked there. */
export interface HostTarget {
  readonly host: string;
  readonly port: number;
}

/** How a workload is named in `subjects`, in evidence and in reasons: `Deployment/api`. */
export const workloadName = ({ kind, name }: Pick<WorkloadRef, 'kind' | 'name'>): string => `${kind}/${name}`;
