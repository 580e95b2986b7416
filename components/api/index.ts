/** The Corporate Intelligence API and its migrations. The only door of this folder. */
export { Api, type ApiArgs, type Exposure } from './api.ts';
export { Migration, type MigrationArgs } from './migration.ts';
export { databaseUrl, environment, type ApiSecrets, type ApiSettings } from './environment.ts';
