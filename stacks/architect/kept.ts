/** The secrets that B keeps in a secrets manager (B-SEC-1, B-SEC-2, CONF-30, CONF-31), or made-up ones for a sandbox. */
import type { Resource } from '@pulumi/pulumi';
import { KEPT, type KeptSecrets } from '../../components/architect/index.ts';
import { ExternalSecret, SecretStore, type Manager } from '../../components/secrets/index.ts';
import type { Settings } from '../config/systems/architect.ts';
import type { Ground } from '../ground.ts';
import { installExternalSecrets } from './addons.ts';
import { PART_OF, type ArchitectSite } from './site.ts';

/** The store's account and the Secret that the operator fills: people name the first one where they grant it its role. */
export const KEPT_NAME = 'architect-kept';

/** Where they are kept: what a role for it has to name (B-SEC-1, CONF-31). */
export const entryOf = ({ kept, stack }: Pick<Settings, 'kept' | 'stack'>): string =>
  kept.entry ?? `${PART_OF}/${stack.environment}/config`;

export interface Kept {
  readonly told: KeptSecrets;
  /** What has to be there before the pods. */
  readonly ready: readonly Resource[];
}

export function keptSecrets(site: ArchitectSite, served: Resource): Kept {
  const { settings, common, provider, generated } = site;
  const { kept } = settings;
  if (kept.source === 'generated') {
    return {
      told: {
        values: {
          // Of the lengths that HS256 and AES-256 ask for; the others open nothing anywhere.
          jwtSecret: generated('jwt-secret', 64),
          encryptionKey: generated('encryption-key', 32),
          smtpUser: generated('smtp-user', 16),
          smtpPassword: generated('smtp-password', 16),
          slackWebhookUrl: generated('slack-webhook-url', 16),
          githubToken: generated('github-token', 16),
        },
      },
      ready: [],
    };
  }
  const { namespace, partOf } = common;
  const entry = entryOf(settings);
  const { manager, stores } = described(kept, site.ground);
  const operator =
    settings.addons.externalSecrets === 'install'
      ? [installExternalSecrets(site, served, { keeps: KEPT_NAME, tokensOf: KEPT_NAME, stores })]
      : [];
  const after = [served, ...operator];
  const store = new SecretStore(
    'secret-store',
    { namespace, partOf, account: KEPT_NAME, manager },
    { provider, dependsOn: after },
  );
  const external = new ExternalSecret(
    KEPT_NAME,
    {
      ...{ namespace, partOf, store, secretName: KEPT_NAME, every: kept.every },
      values: Object.fromEntries(Object.values(KEPT).map((variable) => [variable, { entry, field: variable }])),
    },
    { provider, dependsOn: [...after, store] },
  );
  return { told: { secretName: external.secretName }, ready: [external] };
}

/** The one that is described; a rule of the settings sees to it that it is one. */
function described(
  { aws, vault }: ArchitectSite['settings']['kept'],
  ground: Ground | undefined,
): {
  manager: Manager;
  stores: { cidrs: readonly string[]; port: number };
} {
  if (aws) {
    const { region, cidrs } = aws;
    const role = ground?.secretsRole ?? aws.role!;
    return { manager: { kind: 'aws', region, role }, stores: { cidrs, port: 443 } };
  }
  if (vault) {
    const { cidrs, ...rest } = vault;
    const port = Number(new URL(vault.server).port || 443);
    return { manager: { kind: 'vault', ...rest }, stores: { cidrs, port } };
  }
  throw new Error('kept.source "external" needs kept.aws or kept.vault');
}
