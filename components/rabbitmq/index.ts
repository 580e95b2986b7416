/** RabbitMQ. The only door of this folder. */
export { PORTS, RabbitMq, type RabbitMqArgs } from './rabbitmq.ts';
