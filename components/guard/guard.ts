/** Closed by default, opened by naming an edge. Owns the namespace; knows nothing of what runs in it. */
import type * as pulumi from '@pulumi/pulumi';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1/networkPolicy.js';
import { labels, PlatformComponent } from '../core/index.ts';
import { policies, type Edge, type Place } from './edges.ts';

export interface GuardArgs<Name extends string = string> {
  /** The namespace to make. Changing it replaces everything in it, data included. */
  readonly namespace: string;
  /** What the objects are part of; stands in their labels. */
  readonly partOf: string;
  /**
   * The Kubernetes minor version whose Pod Security `restricted` is enforced. Pinned, so that an upgrade of the cluster
   * does not refuse pods overnight.
   */
  readonly podSecurityVersion: `v1.${number}`;
  /**
   * Whether the engine refuses to delete the namespace, and with it all that it holds, until it is unprotected on purpose.
   * @default false
   */
  readonly protect?: boolean;
  /** Everything an edge may name. */
  readonly places: Readonly<Record<Name, Place>>;
  /** Every connection that is allowed, each stated once. Removing one cuts new connections at once. */
  readonly edges: readonly Edge<Name>[];
}

/**
 * A namespace that enforces Pod Security `restricted` and lets nothing through that no edge names (D-NET-1).
 *
 * Failure: with a network plugin that does not enforce NetworkPolicies, everything is open and nothing says so; the
 * network suite of the tests tells.
 */
export class Guard<Name extends string = string> extends PlatformComponent {
  /** The namespace's name, once it exists. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: GuardArgs<Name>, options: pulumi.ComponentResourceOptions) {
    super('platform:guard:Guard', name, { namespace: args.namespace }, options);
    const common = labels({ component: 'guard', instance: name, partOf: args.partOf });
    const halves = policies(args.places, args.edges);

    const namespace = new Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace, labels: { ...common, ...podSecurityLabels(args.podSecurityVersion) } } },
      { parent: this, protect: args.protect ?? false },
    );
    const within = { parent: this, dependsOn: namespace };

    // The cluster makes this account by itself, maybe first: it is adopted, and left for the namespace to take along.
    new ServiceAccount(
      `${name}-default-account`,
      { metadata: { name: 'default', namespace: args.namespace, labels: common }, automountServiceAccountToken: false },
      { ...within, retainOnDelete: true },
    );
    new NetworkPolicy(
      `${name}-deny-all`,
      {
        metadata: { name: 'deny-all', namespace: args.namespace, labels: common },
        spec: { podSelector: {}, policyTypes: ['Egress', 'Ingress'] },
      },
      within,
    );
    for (const { name: edge, pods, direction, peers, ports } of halves) {
      new NetworkPolicy(
        `${name}-${edge}`,
        {
          metadata: { name: edge, namespace: args.namespace, labels: common },
          spec: {
            podSelector: { matchLabels: pods },
            policyTypes: [direction],
            ...(direction === 'Egress' ? { egress: [{ to: peers, ports }] } : { ingress: [{ from: peers, ports }] }),
          },
        },
        within,
      );
    }

    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}

const podSecurityLabels = (version: string): Record<string, string> =>
  Object.fromEntries(
    ['audit', 'enforce', 'warn'].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, 'restricted'],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
