/** The Corporate Intelligence API. The only door of this folder. */
export { Api, SURGE, type ApiArgs, type Exposure, type Releases, type Replicas } from './api.ts';
export { accountMetadata, budget, recommendation, shareOf, type Share } from './elastic.ts';
export {
  brokerUrl,
  CA_FOLDER,
  databaseUrl,
  environment,
  OUTSIDE,
  type ApiSecrets,
  type ApiSettings,
  type Broker,
} from './environment.ts';
export { imagePods } from './pods.ts';
export { behaviour, REQUESTS_METRIC, type ScaleDown, type Scaling } from './scaling.ts';
