/** The Corporate Intelligence Platform on one Docker host (A's and E's topology): its settings, group by group, and its secrets. */
import type * as z from 'zod/mini';
import { api, gates, minio, monitoring, nginx, postgres, redis } from '../groups/containers.ts';
import { docker, edge, images, network, stack } from '../groups/docker.ts';
import { migration } from '../groups/migration.ts';
import { group } from '../setting.ts';

export const SETTINGS = group({
  stack,
  docker,
  images,
  network,
  edge,
  postgres,
  redis,
  minio,
  migration,
  api,
  nginx,
  monitoring,
  gates,
});

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** Keys of their own, because only a whole key can be encrypted. */
export const SECRET_KEYS = {
  alphaVantageApiKey: {
    means: '`ALPHA_VANTAGE_API_KEY`. Needed when `api.externalSources` is `on`.',
    from: 'A-ENV-22',
  },
  newsApiKey: { means: '`NEWSAPI_KEY`. Needed when `api.externalSources` is `on`.', from: 'A-ENV-23' },
  sentryDsn: { means: '`SENTRY_DSN`. Left out: nothing is reported to Sentry.', from: 'A-ENV-28' },
} as const;
