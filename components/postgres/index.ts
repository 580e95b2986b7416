/** PostgreSQL. The only door of this folder. */
export { Postgres, type PostgresArgs } from './postgres.ts';
export { SMALLEST, tune, type Tuning } from './tuning.ts';
