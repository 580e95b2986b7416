/** The Corporate Intelligence Platform (systems A, D and E) on Kubernetes: its settings, group by group, and its secrets. */
import type * as z from 'zod/mini';
import { addons } from '../groups/addons.ts';
import { api } from '../groups/api.ts';
import { aws } from '../groups/aws.ts';
import { certificates } from '../groups/certificates.ts';
import { edge } from '../groups/edge.ts';
import { gates } from '../groups/gates.ts';
import { migration } from '../groups/migration.ts';
import { minio } from '../groups/minio.ts';
import { postgres } from '../groups/postgres.ts';
import { rabbitmq } from '../groups/rabbitmq.ts';
import { release } from '../groups/release.ts';
import { redis } from '../groups/redis.ts';
import { secrets } from '../groups/secrets.ts';
import { smoke } from '../groups/smoke.ts';
import { cluster, network, stack } from '../groups/site.ts';
import { workers } from '../groups/workers.ts';
import { group } from '../setting.ts';

export const SETTINGS = group({
  stack,
  cluster,
  network,
  aws,
  addons,
  certificates,
  secrets,
  postgres,
  redis,
  rabbitmq,
  minio,
  migration,
  api,
  release,
  workers,
  edge,
  gates,
  smoke,
});

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** Keys of their own, because only a whole key can be encrypted. All are given by `pulumi config set --secret`. */
export const SECRET_KEYS = {
  alphaVantageApiKey: {
    means:
      '`ALPHA_VANTAGE_API_KEY`. Needed when `api.externalSources` is `on`; none of the three with `secrets.source` external.',
    from: 'A-ENV-22',
  },
  newsApiKey: { means: '`NEWSAPI_KEY`. Needed when `api.externalSources` is `on`.', from: 'A-ENV-23' },
  sentryDsn: { means: '`SENTRY_DSN`. Left out: nothing is reported to Sentry.', from: 'A-ENV-28' },
} as const;
