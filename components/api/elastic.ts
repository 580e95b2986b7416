/**
 * What pods that come and go by the dozen have in common, the API's and the workers': where they are put, how many may be
 * missing, and what is suggested for their size.
 */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import { labels, selector, type Identity, type PlatformComponent } from '../core/index.ts';

/** Pods at a time: a number, or a share of those wanted, rounded up. */
export type Share = number | `${number}%`;

/** A share of that many pods, as Kubernetes rounds it. */
export const shareOf = (share: Share, pods: number): number =>
  typeof share === 'number' ? share : Math.ceil((pods * Number.parseInt(share, 10)) / 100);

/** What an owner makes for its Deployment. */
interface Target {
  readonly owner: PlatformComponent;
  /** The Deployment's name, and the first part of every name here. */
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
}

/**
 * How many pods a drain or an upgrade of nodes may take away at once (D-K8S-9; the number is ours, GAP-3). Stated as what
 * may be missing, because the number of pods changes by itself: "at least so many" would block every drain at the
 * smallest size, or protect next to nothing at the largest.
 *
 * Pods that are not ready do not count as served, and may always be evicted: a broken release must not hold up a drain.
 */
export const budget = ({ owner, name, namespace, identity }: Target, maxUnavailable: Share): PodDisruptionBudget =>
  new PodDisruptionBudget(
    `${name}-budget`,
    {
      metadata: { name, namespace, labels: labels(identity) },
      spec: {
        selector: { matchLabels: selector(identity) },
        maxUnavailable,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
    { parent: owner },
  );

/**
 * A VerticalPodAutoscaler that only recommends (D-HPA-5): what it finds stands in its status, and a person puts it into
 * the configuration. Acting by itself it would restart pods, and fight the horizontal one over the same measure.
 *
 * Needs the CustomResourceDefinition and the recommender in the cluster.
 */
export const recommendation = ({ owner, name, namespace, identity }: Target, after: pulumi.Resource): CustomResource =>
  new CustomResource(
    `${name}-recommendation`,
    {
      apiVersion: 'autoscaling.k8s.io/v1',
      kind: 'VerticalPodAutoscaler',
      metadata: { name, namespace, labels: labels(identity) },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        updatePolicy: { updateMode: 'Off' },
        resourcePolicy: { containerPolicies: [{ containerName: '*', controlledResources: ['cpu', 'memory'] }] },
      },
    },
    { parent: owner, dependsOn: after },
  );

/** The account of pods that never talk to Kubernetes: its token is mounted nowhere, and no role names it (D-K8S-6). */
export const accountMetadata = (metadata: object, awsRoleArn: string | undefined) => ({
  ...metadata,
  // Read by EKS, which gives such pods a token for AWS alone, whatever is said about the token for Kubernetes.
  ...(awsRoleArn !== undefined && { annotations: { 'eks.amazonaws.com/role-arn': awsRoleArn } }),
});
