/** The network of a stack: one block of addresses over three zones. */
import type * as pulumi from '@pulumi/pulumi';
import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { parseCidr, PlatformComponent, Problems } from '../../components/core/index.ts';
import { named, type Place } from '../account/index.ts';
import { isNetworkBlock, letterOf, NETWORK_BLOCK, zoneBlocks } from './blocks.ts';
import { endpoints, type EndpointService } from './endpoints.ts';
import { flowLogs, type FlowLogsArgs } from './flow-logs.ts';
import { zones, type Nat, type Subnet } from './zones.ts';

/** No document states a network; all values of one are ours (GAP-7). */
export interface NetworkArgs {
  readonly place: Place;
  /** What names at AWS begin with: the stack's, `corporate-intel-staging`. */
  readonly prefix: string;
  /** All addresses, `10.1.0.0/16`: of 10.0.0.0/8 or 192.168.0.0/16, from /16 to /20. Another block is another network. */
  readonly cidr: string;
  /**
   * Three, in any order: `us-east-1a`. A zone that is exchanged leaves the subnets of the other two alone; a cluster
   * of EKS in it refuses it, whose control plane stays in the zones that it was made in.
   */
  readonly zones: readonly string[];
  /** With `one`, private subnets of three zones are cut off when one zone is. */
  readonly nat: Nat;
  /** Services reached without the internet. For a cluster: `CLUSTER_ENDPOINTS`. */
  readonly endpoints: readonly EndpointService[];
  /** The names of clusters whose load balancers may use the subnets. @default none */
  readonly clusters?: readonly string[];
  readonly flowLogs: FlowLogsArgs;
  /**
   * The engine refuses to delete or replace what was formatCidr down about the traffic.
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * A VPC with a public and a private subnet in each of three zones (D-K8S-8), ways out, doors to AWS's services, and its
 * traffic on record. The group that everything without a group falls into admits nothing.
 *
 * Cost: each NAT gateway and each endpoint, by the hour and zone, and by the gigabyte; eleven endpoints in three zones are 33.
 *
 * Failure of one zone: with a gateway in each, the others go on as before.
 */
export class Network extends PlatformComponent {
  readonly vpcId: pulumi.Output<string>;
  /** The block. Known before the network is, for others' rules. */
  readonly cidr: string;
  /** By zone, in the order of their letters. */
  readonly publicSubnets: readonly Subnet[];
  readonly privateSubnets: readonly Subnet[];
  /** The addresses that the private subnets are seen under outside. */
  readonly natAddresses: readonly pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, options: pulumi.ComponentResourceOptions) {
    const block = check(name, args);
    const { place, prefix, cidr, nat, clusters = [], protect = true } = args;
    const letters = [...args.zones].toSorted();
    super('platform:host:Network', name, { cidr, zones: letters, nat }, options);
    const child = { parent: this };
    const vpc = new Vpc(
      `${name}-vpc`,
      // Both are what private names of endpoints, and of EKS, rest on.
      { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: named(prefix) },
      child,
    );
    // Adopted, so as to be emptied: it would let everything in it speak to everything in it, and out.
    new DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: named(`${prefix}-default-unused`) },
      child,
    );
    const made = zones(this, name, {
      ...{ prefix, vpcId: vpc.id, nat, clusters },
      blocks: zoneBlocks(block, place.region, letters),
    });
    endpoints(this, name, {
      ...{ place, prefix, vpcId: vpc.id, cidr, services: args.endpoints },
      subnetIds: made.private.map(({ id }) => id),
      routeTableIds: made.routeTables.map(({ id }) => id),
    });
    flowLogs(this, name, { ...args.flowLogs, place, prefix, vpcId: vpc.id, protect });

    this.vpcId = vpc.id;
    this.cidr = cidr;
    this.publicSubnets = made.public;
    this.privateSubnets = made.private;
    this.natAddresses = made.natAddresses;
    this.registerOutputs({ vpcId: this.vpcId });
  }
}

function check(name: string, { place, cidr, zones: asked }: NetworkArgs) {
  const problems = new Problems();
  problems.require(isNetworkBlock(cidr), {
    where: 'NetworkArgs.cidr',
    found: JSON.stringify(cidr),
    wanted: NETWORK_BLOCK,
  });
  problems.require(new Set(asked).size === 3 && asked.length === 3, {
    where: 'NetworkArgs.zones',
    found: JSON.stringify(asked),
    wanted: 'three different zones',
  });
  for (const zone of asked) {
    problems.require(letterOf(place.region, zone) !== undefined, {
      where: 'NetworkArgs.zones',
      found: JSON.stringify(zone),
      wanted: `an ordinary zone of ${place.region}, from "${place.region}a" to "${place.region}h"`,
    });
  }
  problems.throwIfAny(`Network "${name}"`);
  return parseCidr(cidr)!;
}
