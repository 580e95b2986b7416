/** The cache, which may hold sessions too (A-TOPO-2, D-HELM-4, CONF-4, CONF-5). */
import type { Resource } from '@pulumi/pulumi';
import { Redis } from '../../components/redis/index.ts';
import type { Site } from './site.ts';

export function cache({ settings, common, provider, images }: Site, after: readonly Resource[]): Redis {
  const { sentinel, ...redis } = settings.redis;
  return new Redis(
    'redis',
    {
      ...{ ...redis, ...common, image: images.redis },
      ...(sentinel && {
        topology: { ...sentinel, kind: 'sentinel', proxy: { ...sentinel.proxy, image: images.haproxy } },
      }),
    },
    { provider, dependsOn: [...after] },
  );
}
