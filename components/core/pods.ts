/** What every pod of the platform has in common: how little it may do, and the digest it is known by. */
import * as pulumi from '@pulumi/pulumi';
import { digest, keyedDigest } from './digest.ts';
import { SUBJECT } from './labels.ts';
import type { Bytes, Cpu } from './quantity.ts';

/** An image and the user its files belong to. Pod Security `restricted` wants the number. */
export interface Image {
  /** `registry/repository:tag`, as a public registry names it. */
  readonly reference: string;
  /** The user and group that the image's processes run as. */
  readonly uid: number;
}

/** Processor time: what is reserved, and where the kernel throttles. */
export interface CpuRange {
  readonly request: Cpu;
  readonly limit: Cpu;
}

/** Memory: what is reserved, and where the kernel ends the process. A range lets a node promise more than it has. */
export interface MemoryRange {
  readonly request: Bytes;
  readonly limit: Bytes;
}

/** Which pods a gate judges. The same shape as the gates' own, so that this folder needs not know them. */
export interface Workload {
  readonly namespace: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'Service';
  readonly name: string;
}

/** Where a value of a Kubernetes Secret stands. Naming it reveals nothing. */
export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The pod-level half of Pod Security `restricted`. */
export const podSecurity = (uid: number) => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: uid,
  fsGroup: uid,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
});

/** The container-level half, and a root file system nobody writes to. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/**
 * What a container may write beside its volumes: logs that the node keeps, and what it lays down for a moment (ours, GAP-7).
 * Above the limit the node ends the pod, before its own disk is full for everybody.
 */
const SCRATCH = { request: '64Mi', limit: '2Gi' } as const;

/** One number requests memory as it is limited: a node that overcommits memory kills pods. A range accepts that. */
export const resources = (cpu: CpuRange, memory: Bytes | MemoryRange) => {
  const { request, limit } = typeof memory === 'string' ? { request: memory, limit: memory } : memory;
  return {
    requests: { cpu: cpu.request, memory: request, 'ephemeral-storage': SCRATCH.request },
    limits: { cpu: cpu.limit, memory: limit, 'ephemeral-storage': SCRATCH.limit },
  };
};

/** The annotation that rolls the pods when a secret they read changes: a keyed hash, of no use without its key. */
export const SECRETS = 'platform/secrets';

/** A pod template before it is stamped. Its spec is plain, so that a preview shows all of it. */
export interface Template<Spec> {
  readonly labels: Record<string, string>;
  readonly spec: Spec;
}

/** The secrets that the pods read, and the key of their hash. */
export interface Sealed {
  readonly key: pulumi.Input<string>;
  readonly values: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Stamps a pod template with its subject: the digest of its labels, its spec (which names its configuration by content)
 * and the keyed hash of the secrets it reads.
 */
export function stamped<Spec>({ labels, spec }: Template<Spec>, secrets?: Sealed) {
  if (!secrets) {
    const subject = pulumi.output(digest({ labels, spec }));
    return { template: { metadata: { labels, annotations: { [SUBJECT]: subject } }, spec }, subject };
  }
  // The hash is public on purpose: it stands in a pod's annotation. Nothing else of the secrets leaves this function.
  const hash = pulumi.unsecret(
    pulumi.all([secrets.key, secrets.values]).apply(([key, values]) => keyedDigest(key, values)),
  );
  const subject = hash.apply((secretsHash) => digest({ labels, spec, secretsHash }));
  const annotations: Record<string, pulumi.Output<string>> = { [SECRETS]: hash, [SUBJECT]: subject };
  return { template: { metadata: { labels, annotations }, spec }, subject };
}
