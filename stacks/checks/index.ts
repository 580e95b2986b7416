/** What the running platform has to answer. */
export { endpointChecks } from './endpoints.ts';
export { schemaChecks } from './schema.ts';
export { smokeTests } from './smoke.ts';
