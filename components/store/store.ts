/**
 * A server that keeps data: one StatefulSet, a volume for each of its members, and the names others find them by.
 * PostgreSQL, Redis, RabbitMQ and MinIO have this in common. Knows nothing of what the server is.
 */
import * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { StatefulSet } from '@pulumi/kubernetes/apps/v1/statefulSet.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import {
  labels,
  seconds,
  selector,
  stamped,
  type Duration,
  type Identity,
  type PlatformComponent,
  type Sealed,
  type Workload,
} from '../core/index.ts';
import { account } from './account.ts';
import { Anchor, type Fixed } from './anchor.ts';
import { claims, claimTemplate, type Volume } from './claims.ts';
import { podSpec, type Pod } from './pod.ts';
import { membersName, services } from './services.ts';

export interface StoreArgs extends Volume, Pod {
  readonly namespace: string;
  readonly identity: Identity;
  /**
   * Members, each on a volume of its own. More than one get a disruption budget that lets one go at a time, and are
   * spread over hosts and zones (D-K8S-8, D-K8S-9; GAP-3: the budget is ours). Fewer members means that the claims of
   * the last ones go, which `protect` refuses.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Whether members start without waiting for each other; for servers that find each other before they are ready. Cannot
   * be changed once there are data.
   * @default false
   */
  readonly parallel?: boolean;
  /** What only some of the members have, for the Service under the store's name: the label of a leader. */
  readonly clientSelector?: Readonly<Record<string, string>>;
  /** The pods behind the Service under the store's name where those are not its members: proxies that know the leader. */
  readonly front?: Readonly<Record<string, string>>;
  /** Annotations of the Service under the store's name. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the pods may do at the API server. Their account has a token only if this is stated. */
  readonly role?: readonly types.input.rbac.v1.PolicyRule[];
  /**
   * What else decides how the data lie on the volumes, by the names of the settings: nodes of an erasure set, shards. A
   * change is refused, as one of the namespace or the storage class is.
   */
  readonly fixed?: Fixed;
  /** How long a pod may take to become ready before the update has failed. Members are updated one after the other. */
  readonly startDeadline: Duration;
  /** The secrets that the pods read; their hash on the pod rolls it. */
  readonly secrets: Sealed;
  /** The objects that the pods read. */
  readonly reads: readonly pulumi.Resource[];
}

export interface Store {
  readonly workload: Workload;
  /** The digest of template and configuration. Known once the pods have been rolled: who judges them comes after. */
  readonly subject: pulumi.Output<string>;
  /** The headless Service. A member is `<name>-<i>.<members>`, also while it is not ready. */
  readonly members: string;
}

/**
 * Makes the objects of a store as children of `owner`, all under its name: account, Services, claims, StatefulSet.
 *
 * What would part the pods from their data (another namespace, name, storage class, start order, a smaller volume, or
 * anything in `fixed`) is refused before anything is changed. A larger volume changes the claims where they are, and
 * nothing else; the class must allow expansion.
 */
export function store(owner: PlatformComponent, name: string, args: StoreArgs): Store {
  const { namespace, identity, replicas = 1, parallel = false, protect = false } = args;
  const place = { name, namespace, identity, selector: selector(identity) };
  const metadata = { name, namespace, labels: labels(identity) };
  const podManagementPolicy = parallel ? 'Parallel' : 'OrderedReady';

  const anchor = new Anchor(
    `${name}-anchor`,
    {
      component: name,
      fixed: { ...args.fixed, namespace, name, podManagementPolicy, storageClass: args.storageClass ?? '' },
      growing: { storage: args.storage },
    },
    { parent: owner },
  );
  const child = { parent: owner, dependsOn: anchor };

  const identities = account(place, args.role, child);
  const reached = services(place, args, child);
  const volumes = claims(place, { ...args, replicas }, child);
  const { template, subject } = stamped({ labels: labels(identity), spec: podSpec(name, args) }, args.secrets);
  const deadline = `${seconds(args.startDeadline) * replicas}s`;
  const set = new StatefulSet(
    `${name}-set`,
    {
      metadata,
      spec: {
        serviceName: membersName(name),
        replicas,
        podManagementPolicy,
        selector: { matchLabels: selector(identity) },
        template,
        volumeClaimTemplates: [claimTemplate(place, args)],
      },
    },
    {
      ...child,
      protect,
      dependsOn: [anchor, ...identities, ...reached, ...volumes, ...args.reads],
      // A set cannot change its template of claims. It need not: each claim is there before its member.
      ignoreChanges: ['spec.volumeClaimTemplates'],
      customTimeouts: { create: deadline, update: deadline },
    },
  );
  if (replicas > 1) {
    new PodDisruptionBudget(
      `${name}-budget`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } } },
      child,
    );
  }
  return {
    workload: { namespace, kind: 'StatefulSet', name },
    subject: pulumi.all([subject, set.id]).apply(([known]) => known),
    members: membersName(name),
  };
}
