/** Doors to AWS's own services that do not lead through the internet. */
import type * as pulumi from '@pulumi/pulumi';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type { PlatformComponent } from '../../components/core/index.ts';
import { named, type Place } from '../account/index.ts';
import { rendered } from '../identity/index.ts';
import { endpointPolicy, storageEndpoint } from './endpoint-policies.ts';

/** What a cluster of EKS calls while it works: images, identities, disks, addresses, logs, secrets, keys. */
export const CLUSTER_ENDPOINTS = [
  'autoscaling',
  'ec2',
  'ecr.api',
  'ecr.dkr',
  'eks',
  'eks-auth',
  'elasticloadbalancing',
  'kms',
  'logs',
  'secretsmanager',
  'sts',
] as const;

export type EndpointService = (typeof CLUSTER_ENDPOINTS)[number];

export interface EndpointsArgs {
  readonly place: Place;
  readonly prefix: string;
  readonly vpcId: pulumi.Input<string>;
  readonly cidr: string;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly routeTableIds: readonly pulumi.Input<string>[];
  readonly services: readonly EndpointService[];
}

/** Makes them as children of `owner`. S3's is always there: it costs nothing. */
export function endpoints(owner: PlatformComponent, name: string, args: EndpointsArgs): void {
  const { place, prefix, vpcId, services } = args;
  const child = { parent: owner };
  const serviceName = (service: string) => `com.amazonaws.${place.region}.${service}`;
  new VpcEndpoint(
    `${name}-endpoint-s3`,
    {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: serviceName('s3'),
      routeTableIds: [...args.routeTableIds],
      policy: rendered(storageEndpoint(place)),
      tags: named(`${prefix}-s3`),
    },
    child,
  );
  if (services.length === 0) return;

  const group = new SecurityGroup(
    `${name}-endpoints`,
    // No egress: an endpoint only answers.
    { name: `${prefix}-endpoints`, description: 'HTTPS from this network', vpcId, tags: named(`${prefix}-endpoints`) },
    child,
  );
  new SecurityGroupIngressRule(
    `${name}-endpoints-https`,
    {
      securityGroupId: group.id,
      description: 'HTTPS from this network',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      cidrIpv4: args.cidr,
    },
    child,
  );
  for (const service of [...new Set(services)].toSorted()) {
    const policy = endpointPolicy(place, service);
    const called = service.replace('.', '-');
    new VpcEndpoint(
      `${name}-endpoint-${called}`,
      {
        vpcId,
        vpcEndpointType: 'Interface',
        serviceName: serviceName(service),
        subnetIds: [...args.subnetIds],
        securityGroupIds: [group.id],
        // The service's ordinary name leads here: programs need to be told nothing.
        privateDnsEnabled: true,
        ...(policy && { policy: rendered(policy) }),
        tags: named(`${prefix}-${called}`),
      },
      child,
    );
  }
}
