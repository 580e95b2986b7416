/** Redis: its memory. */
import { bytes, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkMemory({ redis }: Settings, problems: Problems): void {
  problems.require(bytes(redis.maxMemory) * 4 <= bytes(redis.memory) * 3, {
    where: 'redis.maxMemory',
    found: `"${redis.maxMemory}"`,
    wanted: `at most three quarters of redis.memory, which is "${redis.memory}"`,
  });
}
