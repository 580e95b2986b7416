/** Celery workers, which work off a queue of RabbitMQ with the API's image (CONF-8). */
import * as k from '../kinds.ts';
import { defaulted, optional, part, stated } from '../setting.ts';
import { cpuRange, memoryRange, ours, scaleDown, share } from './common.ts';

const scaling = part({
  max: stated(k.whole(1, 200), {
    means: 'Workers at the most; `workers.replicas` are the fewest, and may then be 0. Needs KEDA.',
    from: 'D-HPA-5; the number is ours',
  }),
  messagesPerWorker: defaulted(k.whole(1, 10_000), 5, {
    means: 'Waiting messages for each worker: 20 messages at 5 are four workers.',
    from: ours,
  }),
  every: defaulted(k.duration('1s', '10m'), '15s', { means: 'How often the queue is looked at.', from: ours }),
  cooldown: defaulted(k.duration('1s', '1h'), '5m', {
    means: 'How long the queue has to have been empty before the last worker goes, where `workers.replicas` is 0.',
    from: ours,
  }),
  down: scaleDown,
});

export const workers = part({
  replicas: stated(k.whole(0, 100), { means: 'Workers; with `workers.scaling`, the fewest.', from: 'D-HELM-7, ours' }),
  scaling,
  maxUnavailable: optional(share, {
    means: 'Workers that may be missing while nodes are drained: a number, or a share like "25%". Left out: all.',
    from: 'D-K8S-9; the number is ours, GAP-3',
  }),
  recommendations: defaulted(k.flag, false, {
    means: 'Whether the cluster recommends a size for the pods; nobody acts on it. Needs the VerticalPodAutoscaler.',
    from: 'D-HPA-5',
  }),
  queue: defaulted(
    k.text(/^[A-Za-z0-9._-]{1,100}$/, 'a name of letters, digits, dots, hyphens and underscores'),
    'reports',
    {
      means: '`CELERY_QUEUE`. A new name is a new, empty queue; what waits in the old one stays there.',
      from: ours,
    },
  ),
  concurrency: defaulted(k.whole(1, 32), 1, {
    means: '`WORKER_CONCURRENCY`: tasks at a time in each pod. Each holds one connection to the database.',
    from: ours,
  }),
  cpu: cpuRange('one worker'),
  memory: memoryRange('one worker'),
  grace: defaulted(k.duration('1s', '6h'), '5m', {
    means: 'How long a running task may take to end when its pod is to go. Longer ones are done again elsewhere.',
    from: ours,
  }),
  rolloutDeadline: defaulted(k.duration('30s', '1h'), '180s', {
    means: 'How long a rollout may go without progress before it, and the update, has failed.',
    from: 'A-GATE-9, ours',
  }),
});
