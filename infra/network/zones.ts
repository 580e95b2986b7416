/** The subnets of each zone, and the ways out of them. */
import type * as pulumi from '@pulumi/pulumi';
import { Eip } from '@pulumi/aws/ec2/eip.js';
import { InternetGateway } from '@pulumi/aws/ec2/internetGateway.js';
import { NatGateway } from '@pulumi/aws/ec2/natGateway.js';
import { Route } from '@pulumi/aws/ec2/route.js';
import { RouteTable } from '@pulumi/aws/ec2/routeTable.js';
import { RouteTableAssociation } from '@pulumi/aws/ec2/routeTableAssociation.js';
import { Subnet as Ec2Subnet } from '@pulumi/aws/ec2/subnet.js';
import type { PlatformComponent } from '../../components/core/index.ts';
import { named } from '../account/index.ts';
import type { ZoneBlocks } from './blocks.ts';

/** A subnet of one zone. */
export interface Subnet {
  readonly zone: string;
  readonly cidr: string;
  readonly id: pulumi.Output<string>;
}

/** How private subnets reach the outside: by a gateway in each zone, by one for all, or not. */
export type Nat = 'zone' | 'one' | 'none';

export interface ZonesArgs {
  readonly prefix: string;
  readonly vpcId: pulumi.Input<string>;
  readonly blocks: readonly ZoneBlocks[];
  readonly nat: Nat;
  readonly clusters: readonly string[];
}

export interface Zones {
  readonly public: readonly Subnet[];
  readonly private: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
  /** The addresses that private subnets are seen under, for others' allow-lists. */
  readonly natAddresses: readonly pulumi.Output<string>[];
}

const EVERYWHERE = '0.0.0.0/0';

/** Makes them as children of `owner`. What belongs to a zone is called after its letter, whatever its place in the list. */
export function zones(owner: PlatformComponent, name: string, args: ZonesArgs): Zones {
  const { prefix, vpcId, blocks, nat } = args;
  const child = { parent: owner };
  const tags = (what: string, more = {}) => ({ tags: named(`${prefix}-${what}`, more) });
  const shared = Object.fromEntries(args.clusters.map((cluster) => [`kubernetes.io/cluster/${cluster}`, 'shared']));

  const subnet = (
    kind: 'public' | 'private',
    { zone, letter, [kind]: cidr }: ZoneBlocks,
    table: RouteTable,
  ): Subnet => {
    const { id } = new Ec2Subnet(
      `${name}-${kind}-${letter}`,
      {
        vpcId,
        availabilityZone: zone,
        cidrBlock: cidr,
        // Nobody gets a public address by accident: what wants one asks for it.
        mapPublicIpOnLaunch: false,
        ...tags(`${kind}-${letter}`, {
          // Where load balancers of Kubernetes look for their subnets.
          [kind === 'public' ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb']: '1',
          ...shared,
        }),
      },
      child,
    );
    new RouteTableAssociation(`${name}-${kind}-${letter}-association`, { subnetId: id, routeTableId: table.id }, child);
    return { zone, cidr, id };
  };

  const gateway = new InternetGateway(`${name}-gateway`, { vpcId, ...tags('gateway') }, child);
  const open = new RouteTable(`${name}-public-table`, { vpcId, ...tags('public') }, child);
  new Route(
    `${name}-public-out`,
    { routeTableId: open.id, destinationCidrBlock: EVERYWHERE, gatewayId: gateway.id },
    child,
  );
  const outside = blocks.map((block) => subnet('public', block, open));

  // A gateway stands in a public subnet, and works only once that has its way out.
  const gateways = blocks.slice(0, { zone: blocks.length, one: 1, none: 0 }[nat]).map(({ letter }, index) => {
    const address = new Eip(`${name}-nat-${letter}-address`, { domain: 'vpc', ...tags(`nat-${letter}`) }, child);
    const made = new NatGateway(
      `${name}-nat-${letter}`,
      { allocationId: address.id, subnetId: outside[index]!.id, ...tags(`nat-${letter}`) },
      { ...child, dependsOn: gateway },
    );
    return { address: address.publicIp, id: made.id };
  });

  // A table for each zone whatever `nat` is: going from one gateway to three changes routes, and no association.
  const tables = blocks.map(({ letter }, index) => {
    const table = new RouteTable(`${name}-private-${letter}-table`, { vpcId, ...tags(`private-${letter}`) }, child);
    const way = gateways[index] ?? gateways[0];
    if (way) {
      new Route(
        `${name}-private-${letter}-out`,
        { routeTableId: table.id, destinationCidrBlock: EVERYWHERE, natGatewayId: way.id },
        child,
      );
    }
    return table;
  });
  const inside = blocks.map((block, index) => subnet('private', block, tables[index]!));
  return {
    public: outside,
    private: inside,
    routeTables: [open, ...tables],
    natAddresses: gateways.map(({ address }) => address),
  };
}
