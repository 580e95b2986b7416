/** Redis. */
import { EVICTION_POLICIES } from '../../../components/redis/index.ts';
import * as k from '../kinds.ts';
import { defaulted, group, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

export const redis = group({
  cpu: cpuRange('Redis'),
  memory: stated(k.size('32Mi', '1Ti'), { means: 'Memory of the pod, reserved and limit.', from: 'GAP-7, ours' }),
  maxMemory: stated(k.size('8Mi', '1Ti'), {
    means: 'Memory for data. At most three quarters of `redis.memory`: rewriting the append-only file needs the rest.',
    from: 'GAP-7, ours',
  }),
  evictionPolicy: defaulted(k.choice(...EVICTION_POLICIES), 'allkeys-lru', {
    means: 'What is dropped when the memory for data is full.',
    from: 'A-TOPO-2 (caching), ours',
  }),
  storage: storage('Redis', 'GAP-6, ours'),
  storageClass,
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long the pod may take to become ready.',
    from: ours,
  }),
});
