/** What a migration has to leave, as questions to the database (A-MIG-3, E-MIG-1..4, E-DATA-1). */
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { SqlAsk } from '../gates.ts';
import type { Asks } from './asks.ts';

/** Tables of the migrations themselves, which are not counted. */
const BOOKKEEPING = "('alembic_version', 'schema_history')";

const TABLES = `FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ${BOOKKEEPING}`;

/**
 * Indexes that are whole and in use, on the tables above. Primary keys are left out, since a table has one anyway; unique
 * ones count. So do indexes of hypertables, once each and not once a chunk.
 */
const INDEXES =
  'FROM pg_index JOIN pg_class ON pg_class.oid = indrelid ' +
  "WHERE relnamespace = 'public'::regnamespace AND indisvalid AND NOT indisprimary " +
  `AND relname NOT IN ${BOOKKEEPING}`;

const HYPERTABLES = "FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public'";

/** The tables that E names, and those of A among them (A-DATA-1). */
const NAMED = [
  ...['companies', 'financial_metrics', 'market_data', 'sec_filings', 'earnings', 'competitive_intelligence'],
  'users',
];

interface Wanted extends Pick<Settings, 'migration'> {
  readonly postgres: Pick<Settings['postgres'], 'timescaledb'>;
}

/**
 * Asked again after each migration. Every count is a least one: a later release adds to what an earlier one has left, and
 * an earlier one goes on running on it.
 */
export function schemaChecks({ postgres, migration }: Wanted): Asks<SqlAsk> {
  const { leaves } = migration;
  const count = (from: string, atLeast: number) => ({ query: `SELECT count(*) ${from}`, expect: { atLeast } });
  return {
    tables: {
      requirement: 'A-MIG-3, A-DATA-1, E-MIG-2',
      query: `SELECT tablename ${TABLES}`,
      expect: { contains: NAMED },
    },
    'tables-count': { requirement: 'A-MIG-3, E-MIG-2', ...count(TABLES, leaves.tables) },
    // `alembic_version` holds only the newest revision; the history has a row for each that was applied.
    migrations: { requirement: 'E-MIG-1', ...count('FROM schema_history', leaves.migrations) },
    indexes: { requirement: 'E-MIG-3', ...count(INDEXES, leaves.indexes) },
    'initial-companies': { requirement: 'E-DATA-1, E-SMOKE-5', ...count('FROM companies', leaves.companies) },
    'initial-users': { requirement: 'E-DATA-1', ...count('FROM users', leaves.users) },
    ...(postgres.timescaledb && {
      hypertables: { requirement: 'E-MIG-4', ...count(HYPERTABLES, leaves.hypertables) },
    }),
  };
}
