/** E's smoke tests, from inside, by the way that clients take. Not every stack has them. */
import type { Resource } from '@pulumi/pulumi';
import type { Api } from '../../components/api/index.ts';
import { Smoke } from '../../components/smoke/index.ts';
import type { Schema } from './schema.ts';
import type { Site } from './site.ts';

/** How a pod reaches what clients reach. */
export interface Entrance {
  readonly url: string;
  readonly host?: string | undefined;
  readonly tls?: { readonly secretName: string } | undefined;
}

export function smoked(
  { settings, common, provider, image }: Site,
  { migration }: Schema,
  api: Api,
  entrance: Entrance,
  after: readonly Resource[],
): Resource[] {
  const wanted = settings.smoke;
  if (wanted === undefined) return [];
  const { user, ...rest } = wanted;
  const tests = new Smoke(
    'smoke',
    {
      ...{ namespace: common.namespace, partOf: common.partOf, version: settings.stack.version, image },
      ...{ ...entrance, subject: api.subject, ...rest },
      user: { name: user, password: migration.passwordOf(user) },
      companies: settings.migration.leaves.companies,
      rateLimit: settings.api.rateLimitPerMinute,
    },
    { provider, dependsOn: [...after] },
  );
  return [tests];
}
