/** Redis. */
import { EVICTION_POLICIES } from '../../../components/redis/index.ts';
import * as k from '../kinds.ts';
import { defaulted, group, part, stated } from '../setting.ts';
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
  sentinel: part({
    members: defaulted(k.choice(3, 5, 7), 3, {
      means:
        'A master and its replicas, each watched by a Sentinel. Refused once there are data: members are not added.',
      from: 'D-HELM-4, CONF-4',
    }),
    downAfter: defaulted(k.duration('1s', '5m'), '5s', {
      means: 'How long a master may not answer before another takes over. Shorter: sooner, and for less.',
      from: 'D-OK-2, ours',
    }),
    sentinelCpu: cpuRange('one Sentinel'),
    sentinelMemory: stated(k.size('16Mi', '1Gi'), {
      means: 'Memory of one Sentinel, reserved and limit.',
      from: 'GAP-7, ours',
    }),
    proxy: group({
      replicas: defaulted(k.whole(1, 20), 2, {
        means: 'Pods of the proxy that leads clients to the master.',
        from: 'D-OK-2, ours',
      }),
      cpu: cpuRange('one proxy'),
      memory: stated(k.size('32Mi', '4Gi'), { means: 'Memory of one proxy, reserved and limit.', from: 'GAP-7, ours' }),
    }),
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long the pod may take to become ready.',
    from: ours,
  }),
});
