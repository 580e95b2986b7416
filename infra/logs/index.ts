/** Log groups. The only door of this folder. */
export { Logs, RETENTIONS, type LogsArgs, type Retention } from './logs.ts';
