/** The cache, which may hold sessions too (A-TOPO-2, CONF-4, CONF-5). */
import type { Resource } from '@pulumi/pulumi';
import { Redis } from '../../components/redis/index.ts';
import type { Site } from './site.ts';

export const cache = ({ settings, common, provider, images }: Site, after: readonly Resource[]): Redis =>
  new Redis('redis', { ...settings.redis, ...common, image: images.redis }, { provider, dependsOn: [...after] });
