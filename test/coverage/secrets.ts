/** Secrets that a manager outside keeps, and what brings them in. */
import { counted, rows, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];

export const SECRETS: readonly Row[] = [
  ...rows('staging', 'SecretStore secret-store', ['A-SEC-2, A-SEC-3', 'spec.provider.aws.service', 'SecretsManager']),
  ...rows('staging', 'ExternalSecret outside-secrets', [
    'A-SEC-3',
    'spec.data.*.remoteRef.key',
    some('corporate-intel/staging/api'),
  ]),
  ...rows(
    'production',
    'SecretStore secret-store',
    ['A-SEC-2, A-SEC-4, D-K8S-5', 'spec.provider.vault.path', 'secret'],
    ['D-K8S-5', 'spec.provider.vault.auth.kubernetes', counted(1)],
  ),
  ...rows('production', 'ExternalSecret outside-secrets', [
    'A-SEC-4',
    'spec.data.*.remoteRef.key',
    some('corporate-intel/production/api'),
  ]),
  ...rows(BOTH, 'Deployment external-secrets-operator', ['D-K8S-5', 'spec.template.spec.containers', counted(1)]),
];
