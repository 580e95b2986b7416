/** Redis: its memory, and the processor time of what stands around it. */
import { bytes, type Bytes, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { requireOrder } from './order.ts';

interface Remembering {
  readonly redis: { readonly memory: Bytes; readonly maxMemory: Bytes };
}

/** A server that saves its data, or answers many, takes more than the data. */
export function checkMemory({ redis }: Remembering, problems: Problems): void {
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
