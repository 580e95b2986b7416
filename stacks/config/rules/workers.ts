/** Workers: there is a queue to work off, and what is said about their pods fits together. */
import { milliCpu, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';
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
  problems.require(milliCpu(workers.cpu.request) <= milliCpu(workers.cpu.limit), {
    where: 'workers.cpu.request',
    found: `"${workers.cpu.request}"`,
    wanted: `at most workers.cpu.limit, which is "${workers.cpu.limit}"`,
  });
  checkPods('workers', workers, problems);
}
