/**
 * What users of a version on trial are answered, as a Prometheus of the namespace's own has read it from the API: releases are
 * judged by it beside the runner's own questions, where the stack wants that.
 */
import type { Resource } from '@pulumi/pulumi';
import { EDGE_PORTS } from '../../components/edge/index.ts';
import { selector } from '../../components/core/index.ts';
import { Prometheus, prometheusUrl, type Scraped } from '../../components/prometheus/index.ts';
import { RULES, type AnalysisRules } from '../../components/release/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Site } from './site.ts';

const NAME = 'prometheus';
/** The API's metrics count by path and status (A-MET-1, B-MON-1). Who asks these paths is no user. */
const NOBODY = '/health|/metrics|/api/v1/health/.*';
/** Half a minute holds six answers, and is over before the next step is. */
const [EVERY, RANGE] = ['5s', '30s'] as const;

const scraped = ({ api, edge }: Settings): readonly Scraped[] => [
  { name: 'api', pods: selector({ component: 'api', instance: 'api' }), port: api.port, sides: true },
  ...(edge.kind === 'nginx'
    ? [{ name: 'edge', pods: selector({ component: 'edge', instance: 'edge' }), port: EDGE_PORTS.status }]
    : []),
];

/** The server, where releases are judged by what users are answered. */
export function figures({ settings, common, provider, images }: Site, guard: Resource): Prometheus | undefined {
  const { users } = settings.release.analysis;
  if (users === undefined) return undefined;
  return new Prometheus(
    NAME,
    {
      ...{ namespace: common.namespace, partOf: common.partOf, image: images.prometheus, scraped: scraped(settings) },
      ...{ every: EVERY, keepFor: '6h', space: '1Gi', cpu: users.cpu, memory: users.memory, rolloutDeadline: '180s' },
    },
    { provider, dependsOn: [guard] },
  );
}

const answers = (status: string): string =>
  `sum(increase(http_requests_total{job="api",instance=~"$candidate",path!~"${NOBODY}",status=~"${status}"}[${RANGE}]))`;

/** What of it a release is told: where it is read, and what is good. */
export function judgedByUsers({ release, stack }: Settings): {
  readonly prometheus?: { readonly url: string };
  readonly metrics: AnalysisRules['metrics'];
} {
  const { users } = release.analysis;
  if (users === undefined) return { metrics: RULES.metrics };
  const requests = answers('.+');
  // Of a status that nobody was given yet there is no series.
  const query = `(${answers('5..')} or vector(0)) / ${requests}`;
  const rule = { name: 'users', query, most: users.errors / 100, requests, minimum: users.minimum };
  return { prometheus: { url: prometheusUrl(NAME, stack.namespace) }, metrics: { ...RULES.metrics, each: [rule] } };
}
