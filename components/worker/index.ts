/** Celery workers and how many of them there are. The only door of this folder. */
export { PORT as WORKER_PORT, Worker, type WorkerArgs } from './worker.ts';
export type { QueueScaling } from './scaled-object.ts';
