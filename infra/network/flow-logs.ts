/** Who spoke to whom, written down. */
import type * as pulumi from '@pulumi/pulumi';
import { FlowLog } from '@pulumi/aws/ec2/flowLog.js';
import type { PlatformComponent } from '../../components/core/index.ts';
import { arn, named, type Place } from '../account/index.ts';
import { role, trustService, writeFlowLogs } from '../identity/index.ts';
import { Logs, type Retention } from '../logs/index.ts';

export interface FlowLogsArgs {
  /** A key whose policy knows the group: `uses: [{ by: 'logs', groups: [flowLogGroup(prefix)] }]`. */
  readonly keyArn: pulumi.Input<string>;
  readonly retention: Retention;
}

/** The group's name, known before the network is: the key's policy has to name it. */
export const flowLogGroup = (prefix: string): string => `/platform/${prefix}/flow`;

/** Makes group, role and log as children of `owner`. */
export function flowLogs(
  owner: PlatformComponent,
  name: string,
  {
    place,
    prefix,
    vpcId,
    protect,
    ...args
  }: FlowLogsArgs & {
    readonly place: Place;
    readonly prefix: string;
    readonly vpcId: pulumi.Input<string>;
    readonly protect: boolean;
  },
): void {
  const groupName = flowLogGroup(prefix);
  const child = { parent: owner };
  const logs = new Logs(
    `${name}-logs`,
    { keyArn: args.keyArn, groups: { flow: { groupName, retention: args.retention } }, protect },
    child,
  );
  const writer = role(
    owner,
    `${name}-flow-writer`,
    trustService(place, 'vpc-flow-logs.amazonaws.com', arn(place, 'ec2', 'vpc-flow-log/*')),
    {
      roleName: `${prefix}-flow-logs`,
      description: 'VPC flow logs append to their group',
      policy: writeFlowLogs(place, groupName),
    },
  );
  new FlowLog(
    `${name}-flow`,
    {
      vpcId,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logDestination: logs.arns['flow']!,
      iamRoleArn: writer.arn,
      // Every minute would be ten times the entries, which are paid for (ours).
      maxAggregationInterval: 600,
      tags: named(`${prefix}-flow`),
    },
    child,
  );
}
