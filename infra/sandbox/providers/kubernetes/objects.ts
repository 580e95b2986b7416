/** Kubernetes objects as far as this plugin looks into them; everything else passes through untouched. */
import type { Tree } from '../shared/values.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly fieldsV1?: Tree;
  readonly [key: string]: unknown;
}

export interface Metadata {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFields[];
}

export interface Resources {
  readonly requests?: Record<string, unknown>;
  readonly limits?: Record<string, unknown>;
}

interface PodSpec {
  readonly containers?: readonly { readonly resources?: Resources }[];
  readonly initContainers?: readonly { readonly resources?: Resources }[];
}

export interface Spec extends PodSpec {
  readonly replicas?: number;
  readonly type?: string;
  readonly clusterIP?: string;
  readonly storageClassName?: string;
  readonly resources?: Resources;
  readonly selector?: { readonly matchLabels?: Record<string, string> } & Record<string, unknown>;
  readonly template?: { readonly spec?: PodSpec };
  readonly volumeClaimTemplates?: readonly { readonly spec?: { readonly resources?: Resources } }[];
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
}

export interface Status {
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly readyReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly active?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly phase?: string;
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  metadata: Metadata;
  spec?: Spec;
  status?: Status;
  [key: string]: unknown;
}

/** The same value, seen as an object or as properties. */
export const asObject = (tree: Tree): KubeObject => tree as unknown as KubeObject;
export const asTree = (object: KubeObject): Tree => object as unknown as Tree;

/** What stands in `pulumi.com/<name>`: the settings of a single object. */
export const annotation = (object: KubeObject, name: string): string | undefined =>
  object.metadata?.annotations?.[`pulumi.com/${name}`];

/** How the engine knows an object: `namespace/name`, or `name` where there is no namespace. */
export const idOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name!}` : metadata.name!;
