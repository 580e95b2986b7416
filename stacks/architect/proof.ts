/** What has to hold at the end of an update: B's health gates, and then its smoke tests (B-GATE-1..6, B-SMOKE-1..20). */
import { HTTPS, Tried, type Architect } from '../../components/architect/index.ts';
import type { Redis } from '../../components/redis/index.ts';
import type { Part } from '../gates.ts';
import type { Database } from './database.ts';
import { NAME, type ArchitectSite } from './site.ts';

/** The body of `/health`, as B states it (B-GATE-3, CONF-13). */
const HEALTHY = {
  status: 'healthy',
  timestamp: { matches: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}' },
  components: { database: 'healthy', cache: 'healthy', external_services: 'healthy' },
};

export function prove(
  { settings, common, provider, gates, images }: ArchitectSite,
  { postgres, redis }: Database & { readonly redis: Redis },
  api: Architect,
): void {
  const parts: Part[] = [postgres, ...redis.parts, api];
  const healthy = gates.healthy('healthy', parts, [api], 'B-GATE-1, B-GATE-4');
  const asked = [
    gates.http(
      'endpoint-health',
      api,
      {
        requirement: 'B-GATE-2, B-GATE-3, B-GATE-6, B-SMOKE-17, B-SMOKE-18',
        path: '/health',
        expect: { status: 200, json: HEALTHY },
      },
      [healthy],
    ),
    gates.http('endpoint-metrics', api, { requirement: 'B-SMOKE-19', path: '/metrics', expect: { status: 200 } }, [
      healthy,
    ]),
    gates.sql(
      'database-answers',
      postgres,
      { requirement: 'B-GATE-5, B-SMOKE-20', query: 'SELECT 1', expect: { equals: 1 } },
      [healthy],
    ),
    gates.redis(
      'cache-whole',
      redis,
      {
        requirement: 'B-TOPO-4',
        command: ['CLUSTER', 'INFO'],
        expect: { contains: 'cluster_state:ok' },
      },
      [healthy],
    ),
  ];
  const tried = new Tried(
    'smoke',
    {
      ...{ namespace: common.namespace, partOf: common.partOf, image: images.node, subject: api.subject },
      ...{ url: `http://${NAME}:${HTTPS.port}`, session: settings.api.session, ...settings.smoke },
    },
    { provider, dependsOn: asked },
  );
  gates.noRestarts('no-restarts', parts, [tried], 'B-GATE-4');
}
