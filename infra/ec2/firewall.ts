/** Who reaches the host: the security group, in front of the host's own firewall (C-NET-1, C-NET-2, CONF-38, CONF-39). */
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import { named } from '../account/index.ts';
import { doors, type Doors } from '../host/index.ts';

/**
 * The group with a rule of its own for each range, so that one more address is one more rule and nothing is closed for a
 * moment. Outwards everything may go: packages, images, and the services the chatbot calls have no fixed addresses.
 */
export function securityGroup(
  owner: pulumi.ComponentResource,
  name: string,
  args: { readonly groupName: string; readonly vpcId: pulumi.Input<string>; readonly firewall: Doors },
): SecurityGroup {
  const child = { parent: owner };
  const group = new SecurityGroup(
    `${name}-firewall`,
    {
      name: args.groupName,
      // AWS makes another group for another text.
      description: 'What reaches the host',
      vpcId: args.vpcId,
      tags: named(args.groupName),
    },
    child,
  );
  for (const door of doors(args.firewall)) {
    for (const from of door.from) {
      new SecurityGroupIngressRule(
        `${name}-${door.name}-from-${from.replaceAll(/[./]/g, '-')}`,
        {
          securityGroupId: group.id,
          description: `${door.name} from ${from}`,
          ipProtocol: 'tcp',
          fromPort: door.port,
          toPort: door.port,
          cidrIpv4: from,
        },
        child,
      );
    }
  }
  new SecurityGroupEgressRule(
    `${name}-out`,
    { securityGroupId: group.id, description: 'everything outwards', ipProtocol: '-1', cidrIpv4: '0.0.0.0/0' },
    child,
  );
  return group;
}
