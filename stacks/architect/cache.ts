/** Redis: a cluster of three with append-only files (B-TOPO-4, CONF-4). Sessions live in it (CONF-5). */
import type { Resource } from '@pulumi/pulumi';
import { Redis } from '../../components/redis/index.ts';
import type { ArchitectSite } from './site.ts';

export function cache({ settings, common, provider, images }: ArchitectSite, after: readonly Resource[]): Redis {
  const { masters, replicasPerMaster, nodeTimeout, ...server } = settings.redis;
  return new Redis(
    'redis',
    {
      ...{ ...server, ...common, image: images.redis },
      topology: { kind: 'cluster', masters, replicasPerMaster, nodeTimeout },
    },
    { provider, dependsOn: [...after] },
  );
}
