/** What writes down the connections of a network. */
import { arn, type Place } from '../../account/index.ts';
import type { Policy } from '../policy.ts';

/** Appends to one log group, which it neither makes nor deletes. */
export const writeFlowLogs = (place: Place, group: string): Policy => [
  {
    sid: 'Append',
    actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [arn(place, 'logs', `log-group:${group}:*`)],
    because: 'each network interface has a stream of its own, called after it',
  },
  {
    sid: 'FindTheGroup',
    actions: ['logs:DescribeLogGroups'],
    resources: [arn(place, 'logs', 'log-group:*')],
    because: 'the call lists: it is allowed for all groups of the region or for none',
  },
];
