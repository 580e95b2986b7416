/** What reads secrets: External Secrets, and a host at its boot. */
import { InputRefused } from '../../../components/core/index.ts';
import { arn, type Place } from '../../account/index.ts';
import type { Policy } from '../policy.ts';

export interface ReadSecretsArgs {
  /** The names in Secrets Manager, each in full: `corporate-intel/staging/database` (A-SEC-3, B-SEC-1, CONF-31). */
  readonly secrets: readonly string[];
  /** The key that encrypts them. @default AWS's own, which needs no right */
  readonly keyArn?: string | undefined;
}

/** Secrets Manager ends an ARN with a hyphen and six characters of its own. Six `?` fit those and no longer name. */
const named = (place: Place, secret: string): string => arn(place, 'secretsmanager', `secret:${secret}-??????`);

/**
 * Reads exactly these secrets, lists none, writes none.
 *
 * @throws {InputRefused} without a name, or with one that is a pattern
 */
export function readSecrets(place: Place, { secrets, keyArn }: ReadSecretsArgs): Policy {
  const unfit = secrets.filter((secret) => !/^[\w/+=.@-]+$/.test(secret));
  if (secrets.length === 0 || unfit.length > 0) {
    throw new InputRefused('The right to read secrets', [
      {
        where: 'secrets',
        found: JSON.stringify(unfit),
        wanted: 'at least one name, each in full and without a pattern',
      },
    ]);
  }
  const resources = [...secrets].toSorted().map((secret) => named(place, secret));
  return [
    {
      sid: 'ReadItsSecrets',
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      resources,
      because: 'Secrets Manager appends a hyphen and six characters that nobody knows before it has made the secret',
    },
    ...(keyArn === undefined
      ? []
      : [
          {
            sid: 'DecryptItsSecrets',
            actions: ['kms:Decrypt'],
            resources: [keyArn],
            conditions: {
              StringEquals: { 'kms:ViaService': `secretsmanager.${place.region}.amazonaws.com` },
              StringLike: { 'kms:EncryptionContext:SecretARN': resources },
            },
          } as const,
        ]),
  ];
}

/** Vault's seal: it opens itself with one key, and can do nothing else (D-VAULT-3). */
export const unseal = (keyArn: string): Policy => [
  { sid: 'OpenTheSeal', actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt'], resources: [keyArn] },
];
