/** What has to fit in the Corporate Intelligence Platform. */
import type { Problems } from '../../../components/core/index.ts';
import type { Rule } from '../system.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { checkProtection } from './protect.ts';
import { checkApiPods, checkExposure, checkFaults } from './api.ts';
import { checkAws } from './aws.ts';
import { checkBalancers } from './balancer.ts';
import { checkIssuer } from './certificates.ts';
import { checkEdge } from './edge.ts';
import { checkGates } from './gates.ts';
import { checkBucketNames } from './buckets.ts';
import { checkBuckets } from './minio.ts';
import { checkConnections } from './postgres.ts';
import { checkNames } from './names.ts';
import { requireOrder } from './order.ts';
import { checkBroker } from './rabbitmq.ts';
import { checkMemory, checkSentinel } from './redis.ts';
import { checkRelease } from './release.ts';
import { checkSecrets, checkSecretsPresent } from './secrets.ts';
import { checkWorkers } from './workers.ts';

/** In the order in which their messages appear. */
export const RULES: readonly Rule<Settings>[] = [
  checkProtection,
  checkAws,
  checkProcessorTime,
  checkConnections,
  checkMemory,
  checkSentinel,
  checkBroker,
  checkBucketNames,
  checkBuckets,
  checkApiPods,
  checkExposure,
  checkRelease,
  checkEdge,
  checkBalancers,
  checkNames,
  checkGates,
  checkWorkers,
  checkFaults,
  checkIssuer,
  checkSecrets,
  checkSecretsPresent,
];

function checkProcessorTime({ postgres, redis, minio, api }: Settings, problems: Problems): void {
  for (const [name, { cpu }] of Object.entries({ postgres, redis, minio, api }))
    requireOrder(`${name}.cpu`, cpu, problems);
}
