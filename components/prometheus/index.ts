/** A Prometheus of the namespace's own. The only door of this folder. */
export { PORT as PROMETHEUS_PORT } from './facts.ts';
export { Prometheus, prometheusUrl, type PrometheusArgs } from './prometheus.ts';
export type { Scraped } from './configuration.ts';
export { prometheusEdges, prometheusPods } from './edges.ts';
