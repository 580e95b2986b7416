/** What watches the host and what runs on it: eight services, whose figures Prometheus reads (E-TOPO-1, E-TOPO-3, A-MON-1..5). */
import type { Resource } from '@pulumi/pulumi';
import { minioMetrics } from '../../components/minio/docker.ts';
import {
  alertmanagerContainer,
  cadvisorContainer,
  grafanaContainer,
  jaegerContainer,
  MONITORING_PORTS,
  nodeExporterContainer,
} from '../../components/monitoring/docker.ts';
import { EXPORTER_PORT as POSTGRES_FIGURES, postgresExporter } from '../../components/postgres/docker.ts';
import { PROMETHEUS_PORT, prometheusContainer, type Target } from '../../components/prometheus/docker.ts';
import { EXPORTER_PORT as REDIS_FIGURES, redisExporter } from '../../components/redis/docker.ts';
import type { Contained } from '../../components/container/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import type { Stores } from './application.ts';
import { sized, type Host, type NetworkName, type Running } from './host.ts';

export interface Watching {
  readonly prometheus: Running;
  readonly grafana: Running;
  readonly jaeger: Running;
  readonly alertmanager: Running;
  /** Open once all of it is healthy. */
  readonly ready: readonly Gate[];
}

export function watched(host: Host, stores: Stores, after: readonly Resource[]): Watching {
  const { monitoring, postgres } = host.settings;
  const own = <N extends string>(
    name: N,
    service: Exclude<keyof typeof monitoring, 'every' | 'keepFor' | 'space' | 'targets'>,
  ) => ({
    ...{ name, image: host.image(service), ...sized(monitoring[service]) },
  });
  const run = (name: string, service: Contained, networks: readonly NetworkName[], behind = after): Running =>
    host.run(name, service, { networks, after: behind });

  const { user, database } = postgres;
  const exporters = [
    run(
      'postgres-exporter',
      postgresExporter({
        ...own('postgres-exporter', 'postgresExporter'),
        host: 'postgres',
        user,
        database,
        password: stores.password,
      }),
      ['data', 'watch'],
      stores.postgres.ready,
    ),
    run(
      'redis-exporter',
      redisExporter({ ...own('redis-exporter', 'redisExporter'), host: 'redis', password: stores.redis.password }),
      ['data', 'watch'],
      stores.redis.ready,
    ),
    run('node-exporter', nodeExporterContainer(own('node-exporter', 'nodeExporter')), ['watch'], stores.ready),
    run('cadvisor', cadvisorContainer(own('cadvisor', 'cadvisor')), ['watch'], stores.ready),
  ];
  // The API sends its traces there: it does without, but why should it.
  const jaeger = run('jaeger', jaegerContainer(own('jaeger', 'jaeger')), ['watch', 'data'], stores.ready);
  const alertmanager = run(
    'alertmanager',
    alertmanagerContainer(own('alertmanager', 'alertmanager')),
    ['watch'],
    stores.ready,
  );
  const { every, keepFor, space } = monitoring;
  const prometheus = run(
    'prometheus',
    prometheusContainer({
      ...own('prometheus', 'prometheus'),
      ...{ targets: targets(host, stores), every, keepFor, space },
      alertmanagers: [`alertmanager:${MONITORING_PORTS.alertmanager}`],
      labels: { cluster: 'corporate-intel', environment: host.settings.stack.environment },
    }),
    ['watch'],
    [...exporters, alertmanager].flatMap(({ ready }) => ready),
  );
  const grafana = run(
    'grafana',
    grafanaContainer({
      ...own('grafana', 'grafana'),
      ...{ password: host.grafanaPassword, prometheus: `http://prometheus:${PROMETHEUS_PORT}` },
    }),
    ['watch', 'front'],
    prometheus.ready,
  );
  const all = [...exporters, jaeger, alertmanager, prometheus, grafana];
  return { prometheus, grafana, jaeger, alertmanager, ready: all.flatMap(({ ready }) => ready) };
}

/** A's three jobs under A's names, and ours for the rest: eight (A-MON-2..4, E-SMOKE-25). */
const targets = ({ settings }: Host, { minio }: Stores): Target[] => [
  { job: 'corporate-intel-api', address: `api:${settings.api.port}` },
  { job: 'postgres', address: `postgres-exporter:${POSTGRES_FIGURES}` },
  { job: 'redis', address: `redis-exporter:${REDIS_FIGURES}` },
  {
    job: 'minio',
    address: 'minio:9000',
    ...minioMetrics({ accessKey: settings.minio.accessKey, secretKey: minio.secretKey }),
  },
  { job: 'prometheus', address: `localhost:${PROMETHEUS_PORT}` },
  { job: 'alertmanager', address: `alertmanager:${MONITORING_PORTS.alertmanager}` },
  { job: 'node', address: `node-exporter:${MONITORING_PORTS.nodeExporter}` },
  { job: 'cadvisor', address: `cadvisor:${MONITORING_PORTS.cadvisor}` },
];
