/** Workers: there is a queue to work off, and what is said about their pods fits together. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { requireOrder } from './order.ts';
import { checkPods } from './api.ts';

export function checkWorkers({ workers, rabbitmq }: Settings, problems: Problems): void {
  if (workers === undefined) return;
  problems.require(rabbitmq !== undefined, {
    where: 'workers',
    found: 'workers without a queue',
    wanted: 'nothing while rabbitmq is left out',
    remedy: 'describe rabbitmq, or leave workers out',
  });
  problems.require(workers.scaling !== undefined || workers.replicas > 0, {
    where: 'workers.replicas',
    found: '0',
    wanted: 'at least 1 without workers.scaling: nobody would ever add one',
  });
  requireOrder('workers.cpu', workers.cpu, problems);
  checkPods('workers', workers, problems);
}
