/** Secrets of services outside, read from a secrets manager by the cluster itself (A-SEC-2, D-K8S-5, CONF-30). */
import type { Resource } from '@pulumi/pulumi';
import { OUTSIDE, type ApiSecrets } from '../../components/api/index.ts';
import { ExternalSecret, SecretStore, type Manager } from '../../components/secrets/index.ts';
import { ExternalSecrets, externalSecretsConnections } from '../../infra/addons/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Ground } from '../ground.ts';
import { fencedFor, surroundings } from './addons.ts';
import type { Site } from './site.ts';

/** Where they are kept, and which account reads them there: what a role for it has to name (CONF-31). */
export const entryOf = (partOf: string, { stack }: Pick<Settings, 'stack'>): string =>
  `${partOf}/${stack.environment}/${ENTRY}`;

/** The add-on and its namespace. */
const OPERATOR = 'external-secrets';
/** The store's account, the ExternalSecret and the Secret: people name the first one where they grant it its role. */
export const NAME = 'outside-secrets';
/** The last part of the entry's name, where A has `database` and `postgres` (A-SEC-3, A-SEC-4). Ours, GAP-9. */
const ENTRY = 'api';

/** What the API hears instead of a key while it may not use outside sources; it refuses an empty one. */
const DISABLED = 'disabled';

type Outside = Pick<ApiSecrets, keyof typeof OUTSIDE | 'kept'>;

/** What API and workers are told of services outside, and what has to be there before their pods. */
export interface OutsideSecrets {
  readonly told: Outside;
  readonly ready: readonly Resource[];
}

/** @param served the platform's namespace, which the operator serves */
export function outsideSecrets(site: Site, served: Resource): OutsideSecrets {
  const { settings, secrets, common, provider } = site;
  if (settings.secrets.source === 'config') return { told: configured(secrets), ready: [] };
  const { namespace, partOf } = common;
  const used = settings.api.externalSources === 'on';
  const kept: (keyof typeof OUTSIDE)[] = [
    ...(used ? (['alphaVantageApiKey', 'newsApiKey'] as const) : []),
    'sentryDsn',
  ];
  const after = settings.addons.externalSecrets === 'install' ? [served, operator(site, served)] : [served];

  const entry = entryOf(partOf, settings);
  const store = new SecretStore(
    'secret-store',
    { namespace, partOf, account: NAME, manager: manager(settings, site.ground) },
    { provider, dependsOn: after },
  );
  const external = new ExternalSecret(
    NAME,
    {
      ...{ namespace, partOf, store, secretName: NAME, every: settings.secrets.every },
      values: Object.fromEntries(kept.map((key) => [OUTSIDE[key], { entry, field: OUTSIDE[key] }])),
    },
    { provider, dependsOn: [...after, store] },
  );
  return {
    told: {
      ...(!used && { alphaVantageApiKey: DISABLED, newsApiKey: DISABLED }),
      kept: { secretName: external.secretName },
    },
    ready: [external],
  };
}

const configured = (secrets: Site['secrets']): Outside => ({
  alphaVantageApiKey: secrets.alphaVantageApiKey ?? DISABLED,
  newsApiKey: secrets.newsApiKey ?? DISABLED,
  sentryDsn: secrets.sentryDsn ?? '',
});

/** The one that is described; a rule of the settings sees to it that it is one. */
function manager({ secrets: { aws, vault } }: Settings, ground: Ground | undefined): Manager {
  if (aws) return { kind: 'aws', region: aws.region, role: ground?.secretsRole ?? aws.role! };
  if (vault) return { kind: 'vault', ...vault };
  throw new Error('secrets.source "external" needs secrets.aws or secrets.vault');
}

/** Where the manager answers. Secrets Manager and STS answer at 443. */
function stores({ secrets: { aws, vault } }: Settings) {
  if (aws) return [{ name: 'secrets-manager', cidrs: aws.cidrs, port: 443 }];
  return vault ? [{ name: 'vault', cidrs: vault.cidrs, port: Number(new URL(vault.server).port || 443) }] : [];
}

function operator(site: Site, served: Resource): ExternalSecrets {
  const { settings, common, provider, images } = site;
  const connections = externalSecretsConnections(OPERATOR, { ...surroundings(settings), stores: stores(settings) });
  return new ExternalSecrets(
    OPERATOR,
    {
      ...{ namespace: OPERATOR, partOf: common.partOf, serves: common.namespace, keeps: [NAME], tokensOf: [NAME] },
      ...{ image: images.externalSecrets, size: settings.addons.size, startDeadline: settings.addons.startDeadline },
    },
    { provider, dependsOn: [fencedFor(site, OPERATOR, connections), served] },
  );
}
