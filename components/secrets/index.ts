/** Values that are kept outside of the platform, in a secrets manager. The only door of this folder. */
export { ExternalSecret, type ExternalSecretArgs, type Source } from './external-secret.ts';
export { SecretStore, type AwsSecretsManager, type Manager, type SecretStoreArgs, type Vault } from './store.ts';
