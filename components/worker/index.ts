/** Celery workers and how many of them there are. The only door of this folder. */
export { Worker, type WorkerArgs } from './worker.ts';
export type { QueueScaling } from './scaled-object.ts';
