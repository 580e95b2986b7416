/** Plans with AWS's resources without AWS, and does nothing else. */
import { repeat } from '../shared/repeating.ts';
import { idOf, known, makeUp } from './values.ts';

/**
 * What AWS never changes in place, whatever the kind: what a thing is called and where it stands. The official plugin knows
 * more, kind by kind; a plan of this one may say `update` where AWS replaces.
 */
const FIXED = new Set([
  'ami',
  'availabilityZone',
  'bucket',
  'cidrBlock',
  'clusterName',
  'engine',
  'name',
  'namePrefix',
  'nodeGroupName',
  'region',
  'serviceName',
  'subnetId',
  'vpcId',
]);

await repeat({
  name: 'aws',
  makeUp,
  known,
  id: idOf,
  replaces: (_token, { path }) => path.length === 1 && FIXED.has(String(path[0])),
});
