/** RabbitMQ. The only door of this folder. */
export { RabbitMq, type RabbitMqArgs } from './rabbitmq.ts';
