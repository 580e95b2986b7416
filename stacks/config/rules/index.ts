/** Rules that two or more settings share. Each message names every setting it weighs. */
import { milliCpu, type CpuRange, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';
import { checkApiPods, checkExposure, checkFaults } from './api.ts';
import { checkIssuer } from './certificates.ts';
import { checkEdge } from './edge.ts';
import { checkGates } from './gates.ts';
import { checkBuckets } from './minio.ts';
import { checkConnections } from './postgres.ts';
import { checkBroker } from './rabbitmq.ts';
import { checkMemory, checkSentinel } from './redis.ts';
import { checkRelease } from './release.ts';
import { checkSecrets } from './secrets.ts';
import { checkWorkers } from './workers.ts';

/** In the order in which their messages appear. */
const RULES = [
  checkProtection,
  checkProcessorTime,
  checkConnections,
  checkMemory,
  checkSentinel,
  checkBroker,
  checkBuckets,
  checkApiPods,
  checkExposure,
  checkRelease,
  checkEdge,
  checkGates,
  checkWorkers,
  checkFaults,
  checkIssuer,
  checkSecrets,
] as const;

/** Notes every rule that the settings break. */
export function checkRules(settings: Settings, problems: Problems): void {
  for (const rule of RULES) rule(settings, problems);
}

function checkProcessorTime({ postgres, redis, minio, api }: Settings, problems: Problems): void {
  const ranges: Record<string, CpuRange> = { postgres: postgres.cpu, redis: redis.cpu, minio: minio.cpu, api: api.cpu };
  for (const [name, { request, limit }] of Object.entries(ranges)) {
    problems.require(milliCpu(request) <= milliCpu(limit), {
      where: `${name}.cpu.request`,
      found: `"${request}"`,
      wanted: `at most ${name}.cpu.limit, which is "${limit}"`,
    });
  }
}

function checkProtection({ stack }: Settings, problems: Problems): void {
  problems.require(stack.protect || stack.environment === 'local', {
    where: 'stack.protect',
    found: 'false',
    wanted: `true while stack.environment is "${stack.environment}": its data is somebody's`,
  });
}
