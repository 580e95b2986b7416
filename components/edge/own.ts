/** What the edge says about itself, to the kubelet and to the monitoring. Pure. */
import { PORTS } from './place.ts';

/**
 * What nginx itself knows, as Prometheus reads it: connections that are there now. Who was answered what stands in the
 * access log, and of the hosts' own requests their applications tell.
 */
const figures = (): string =>
  ['active', 'reading', 'writing', 'waiting']
    .flatMap((state) => [`# TYPE nginx_connections_${state} gauge`, `nginx_connections_${state} $connections_${state}`])
    .map((line) => `${line}\\n`)
    .join('');

/** For the kubelet and the monitoring, on ports that no Service leads to. */
export const own = (): string[] => [
  'server {',
  `  listen ${PORTS.health};`,
  '  access_log off;',
  '  location = /healthz { return 200 "ok\\n"; }',
  '  location / { return 404; }',
  '}',
  'server {',
  `  listen ${PORTS.status};`,
  '  access_log off;',
  '  location = /status { stub_status; }',
  `  location = /metrics { default_type "text/plain; version=0.0.4"; return 200 "${figures()}"; }`,
  '  location / { return 404; }',
  '}',
];
