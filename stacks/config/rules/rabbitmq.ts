/** RabbitMQ: its processor time, and room on its volumes. */
import { bytes, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { requireOrder } from './order.ts';

/** A limit that a volume can hardly keep holds publishers back for good. */
export function checkBroker({ rabbitmq }: Settings, problems: Problems): void {
  if (rabbitmq === undefined) return;
  requireOrder('rabbitmq.cpu', rabbitmq.cpu, problems);
  problems.require(bytes(rabbitmq.diskFreeLimit) * 2 <= bytes(rabbitmq.storage), {
    where: 'rabbitmq.diskFreeLimit',
    found: `"${rabbitmq.diskFreeLimit}"`,
    wanted: `at most half of rabbitmq.storage, which is "${rabbitmq.storage}": publishers wait while less is free`,
  });
}
