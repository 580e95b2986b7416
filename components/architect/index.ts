/** The Architect Dashboard API (system B). The only door of this folder. */
export { Architect, SECRETS, type ArchitectArgs, type ArchitectReleases } from './architect.ts';
export { KEPT, type ArchitectSettings, type KeptSecrets } from './environment.ts';
export { HTTPS, type AwsBalancer, type Exposure } from './exposure.ts';
export { BACKUPS_CLAIM, Schema, type SchemaArgs } from './schema.ts';
export { Tried, type TriedArgs } from './tried.ts';
