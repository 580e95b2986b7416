/** What adds pods and takes them away, and what recommends their size, installed where the cluster has it not (D-HPA-5). */
import type { Resource } from '@pulumi/pulumi';
import { REQUESTS_METRIC } from '../../components/api/index.ts';
import { selector } from '../../components/core/index.ts';
import type { Place } from '../../components/guard/index.ts';
import {
  Keda,
  kedaConnections,
  PrometheusAdapter,
  prometheusAdapterConnections,
  VerticalPodAutoscaler,
  verticalPodAutoscalerConnections,
} from '../../infra/addons/index.ts';
import { fencedFor, surroundings } from './addons.ts';
import type { Site } from './site.ts';

/** The namespaces of the add-ons, and their names. */
export const SCALERS = {
  keda: 'keda',
  verticalPodAutoscaler: 'vertical-pod-autoscaler',
  prometheusAdapter: 'prometheus-adapter',
} as const;

/** Where the monitoring of the platform will answer; the counter is the API's own. */
const PROMETHEUS = { name: 'prometheus', port: 9090 } as const;
const REQUESTS_COUNTER = 'http_requests_total';

/** @param served the platform's namespace, which they look into */
export function scalers(site: Site, served: Resource): Resource[] {
  const { settings } = site;
  const { addons, workers, api } = settings;
  const wanted = {
    keda: workers?.scaling !== undefined,
    verticalPodAutoscaler: api.recommendations || (workers?.recommendations ?? false),
    prometheusAdapter: api.scaling?.requestsPerSecond !== undefined,
  };
  const made: Resource[] = [];
  if (wanted.keda && addons.keda === 'install') made.push(keda(site, served));
  if (wanted.verticalPodAutoscaler && addons.verticalPodAutoscaler === 'install') made.push(recommender(site, served));
  if (wanted.prometheusAdapter && addons.prometheusAdapter === 'install') made.push(adapter(site));
  return made;
}

const inside = ({ common }: Site, name: string): Place => ({
  namespace: common.namespace,
  pods: selector({ component: name, instance: name }),
});

/** What every add-on is given. */
const shared = ({ settings, common }: Site, namespace: string) => ({
  ...{ namespace, partOf: common.partOf, serves: common.namespace },
  ...{ size: settings.addons.size, startDeadline: settings.addons.startDeadline },
});

/** The port of RabbitMQ's pods for clients. */
const queuePort = ({ settings }: Site): number => (settings.certificates.inside ? 5671 : 5672);

function keda(site: Site, served: Resource): Keda {
  const { settings, provider, images } = site;
  const name = SCALERS.keda;
  const queues = [{ name: 'rabbitmq', place: inside(site, 'rabbitmq'), port: queuePort(site) }];
  const fence = fencedFor(site, name, kedaConnections(name, { ...surroundings(settings), queues }));
  return new Keda(
    name,
    { ...shared(site, name), images: { operator: images.keda, metrics: images.kedaMetrics } },
    { provider, dependsOn: [fence, served] },
  );
}

function recommender(site: Site, served: Resource): VerticalPodAutoscaler {
  const { settings, provider, images } = site;
  const name = SCALERS.verticalPodAutoscaler;
  const fence = fencedFor(site, name, verticalPodAutoscalerConnections(name, surroundings(settings)));
  return new VerticalPodAutoscaler(
    name,
    { ...shared(site, name), image: images.vpaRecommender },
    { provider, dependsOn: [fence, served] },
  );
}

function adapter(site: Site): PrometheusAdapter {
  const { settings, common, provider, images } = site;
  const name = SCALERS.prometheusAdapter;
  const prometheus = { place: inside(site, PROMETHEUS.name), port: PROMETHEUS.port };
  const fence = fencedFor(site, name, prometheusAdapterConnections(name, { ...surroundings(settings), prometheus }));
  return new PrometheusAdapter(
    name,
    {
      ...shared(site, name),
      image: images.prometheusAdapter,
      prometheus: `http://${PROMETHEUS.name}.${common.namespace}.svc:${PROMETHEUS.port}`,
      metrics: [{ name: REQUESTS_METRIC, counter: REQUESTS_COUNTER, window: '1m' }],
    },
    { provider, dependsOn: fence },
  );
}
