/** Roles of workloads in a cluster, and of services of AWS. */
import * as pulumi from '@pulumi/pulumi';
import { PodIdentityAssociation } from '@pulumi/aws/eks/podIdentityAssociation.js';
import { PlatformComponent, unreachable } from '../../components/core/index.ts';
import type { Place } from '../account/index.ts';
import { role, type Rights } from './role.ts';
import { trustPods, trustService, trustToken, type Issuer, type ServiceAccountRef } from './trust.ts';

/** How the pods come by the role. docs/decisions/aws.md says which when. */
export type Taken =
  | {
      /** By EKS Pod Identity: the agent on the node brings the credentials; the account's pods need no annotation. */
      readonly by: 'pod-identity';
      /** The cluster's name. It has to exist: let this component depend on it. */
      readonly cluster: string;
    }
  | {
      /** By a token of the account (IRSA): for a controller that takes the role in the name of an account that it reads. */
      readonly by: 'token';
      readonly issuer: pulumi.Input<Issuer>;
    };

export interface WorkloadRoleArgs extends Rights, ServiceAccountRef {
  readonly place: Place;
  readonly taken: Taken;
}

/**
 * What the pods of one service account may do at AWS (D-K8S-6), and nothing else: nobody else can take it, and what is
 * attached to it by hand is taken off by the next `up`.
 *
 * Cost: none. A change of the policy holds within seconds, also for pods that run; of the account, with their next token.
 */
export class WorkloadRole extends PlatformComponent {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: WorkloadRoleArgs, options: pulumi.ComponentResourceOptions) {
    const { roleName, namespace, serviceAccount, taken } = args;
    super('platform:host:WorkloadRole', name, { roleName, namespace, serviceAccount, by: taken.by }, options);
    const made = role(this, `${name}-role`, trustOf(args), args);
    if (taken.by === 'pod-identity') {
      new PodIdentityAssociation(
        `${name}-association`,
        { clusterName: taken.cluster, namespace, serviceAccount, roleArn: made.arn },
        { parent: this },
      );
    }
    this.arn = made.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

function trustOf(args: WorkloadRoleArgs) {
  const { place, taken } = args;
  switch (taken.by) {
    case 'pod-identity':
      return trustPods(place, taken.cluster, args);
    case 'token':
      return pulumi.output(taken.issuer).apply((issuer) => trustToken(issuer, args));
    default:
      return unreachable(taken);
  }
}

export interface ServiceRoleArgs extends Rights {
  readonly place: Place;
  /** Who takes it: `eks.amazonaws.com`, `ec2.amazonaws.com`. */
  readonly service: string;
  /** For which resources only, where the service says so; see {@link trustService}. */
  readonly onBehalfOf?: string;
}

/** What a service of AWS may do for the platform: a control plane, a node, a host. Cost: none. */
export class ServiceRole extends PlatformComponent {
  readonly arn: pulumi.Output<string>;
  /** For an instance profile. */
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: ServiceRoleArgs, options: pulumi.ComponentResourceOptions) {
    const { roleName, service } = args;
    super('platform:host:ServiceRole', name, { roleName, service }, options);
    const made = role(this, `${name}-role`, trustService(args.place, service, args.onBehalfOf), args);
    this.arn = made.arn;
    this.roleName = made.name;
    this.registerOutputs({ arn: this.arn });
  }
}
