/** RabbitMQ, which holds work for the workers. */
import * as k from '../kinds.ts';
import { defaulted, part, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

export const rabbitmq = part({
  nodes: stated(k.choice(1, 3, 5), {
    means:
      'Nodes; a majority of them goes on. Refused once there are data: a later node holds no copy of older queues.',
    from: 'D-HELM-5, CONF-8',
  }),
  vhost: defaulted(k.sqlName, 'corporate_intel', {
    means: 'The virtual host of the application.',
    from: 'ours',
  }),
  user: stated(k.sqlName, {
    means: 'The only user. Another name makes another user; the old one stays until it is removed by hand.',
    from: 'ours',
  }),
  cpu: cpuRange('one node of RabbitMQ'),
  memory: stated(k.size('128Mi', '1Ti'), { means: 'Memory of one node, reserved and limit.', from: 'GAP-7, ours' }),
  diskFreeLimit: defaulted(k.size('16Mi', '1Ti'), '2Gi', {
    means: 'Free space on a volume below which publishers are held back, on all nodes.',
    from: 'GAP-6, ours',
  }),
  silence: defaulted(k.duration('5s', '10m'), '20s', {
    means: 'How long a node may be silent before the others count it as lost. Shorter notices sooner, and errs more.',
    from: ours,
  }),
  storage: storage('RabbitMQ', 'GAP-6, ours'),
  storageClass,
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long one node may take to become ready.',
    from: ours,
  }),
});
