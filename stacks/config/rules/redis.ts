/** Redis: its memory, and the processor time of what stands around it. */
import { bytes, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';
import { requireOrder } from './order.ts';

export function checkMemory({ redis }: Settings, problems: Problems): void {
  problems.require(bytes(redis.maxMemory) * 4 <= bytes(redis.memory) * 3, {
    where: 'redis.maxMemory',
    found: `"${redis.maxMemory}"`,
    wanted: `at most three quarters of redis.memory, which is "${redis.memory}"`,
  });
}

export function checkSentinel({ redis: { sentinel } }: Settings, problems: Problems): void {
  if (sentinel === undefined) return;
  requireOrder('redis.sentinel.sentinelCpu', sentinel.sentinelCpu, problems);
  requireOrder('redis.sentinel.proxy.cpu', sentinel.proxy.cpu, problems);
}
