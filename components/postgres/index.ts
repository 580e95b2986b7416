/** PostgreSQL, alone or replicated, and its pooler. The only door of this folder. */
export { LEADER, REST_PORT, ROLE_LABEL } from './patroni.ts';
export { POOLER_PORT, type PoolerArgs } from './pooler.ts';
export type { Pool } from './pgbouncer.ts';
export { Postgres, type PostgresArgs } from './postgres.ts';
export type { Tls } from './tls.ts';
export { SMALLEST, tune, type Tuning } from './tuning.ts';
