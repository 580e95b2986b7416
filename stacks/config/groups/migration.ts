/** What a migration has to leave behind before anything is put on the schema. */
import * as k from '../kinds.ts';
import { comfort, defaulted } from '../setting.ts';

/** A count that a later release may exceed. */
const least = (fallback: number, what: string, from: string) =>
  defaulted(k.whole(0, 1_000_000), fallback, { means: `${what}, at least.`, from });

export const migration = comfort({
  leaves: comfort({
    migrations: least(15, 'Migrations that were applied', 'E-MIG-1'),
    tables: least(10, "Tables, without those of the migrations' own", 'E-MIG-2'),
    indexes: least(19, 'Indexes, without primary keys and without those of hypertables’ chunks', 'E-MIG-3'),
    hypertables: least(2, 'Hypertables; asked only where `postgres.timescaledb` is on', 'E-MIG-4'),
    companies: least(500, 'Companies', 'E-DATA-1'),
    users: least(5, 'Users', 'E-DATA-1'),
  }),
});
