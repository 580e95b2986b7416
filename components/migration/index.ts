/** Migrations of the database's schema. The only door of this folder. */
export { Migration, type MigrationArgs } from './migration.ts';
