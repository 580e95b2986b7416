/** What has to answer once all of it stands: A's checks and E's, as people would run them on the host (A-GATE-*, E-VAL-1). */
import type { Resource } from '@pulumi/pulumi';
import { EDGE_PORTS } from '../../components/edge/docker.ts';
import { PROMETHEUS_PORT } from '../../components/prometheus/docker.ts';
import { MONITORING_PORTS } from '../../components/monitoring/docker.ts';
import { endpointChecks } from '../checks/index.ts';
import type { Asks } from '../checks/asks.ts';
import type { Settings } from '../config/systems/standalone.ts';
import type { Ask, Host, Running } from './host.ts';
import type { Cache } from './cache.ts';
import type { Watching } from './monitoring.ts';

export interface Parts {
  readonly nginx: Running;
  readonly redis: Cache;
  readonly watching: Watching;
}

export function proven(host: Host, { nginx, redis, watching }: Parts, after: readonly Resource[]): void {
  const { settings } = host;
  for (const [name, { path, expect, requirement }] of Object.entries(endpointChecks(settings))) {
    const json = expect.json === undefined ? {} : { json: expect.json };
    host.ask(
      name,
      nginx,
      { ...(requirement && { requirement }), command: through(settings, path), expect: json },
      after,
    );
  }
  for (const [name, ask] of Object.entries(atTheEdge(settings))) host.ask(name, nginx, ask, after);
  const ping = { requirement: 'A-GATE-6', command: ['redis-cli', 'ping'], expect: { reply: 'PONG' } };
  host.ask('redis-ping', redis, ping, after);
  const { jaeger, prometheus, alertmanager } = watching;
  host.ask(
    'jaeger-ui',
    jaeger,
    { requirement: 'A-GATE-12, E-SMOKE-27', ...got(MONITORING_PORTS.jaeger.ui, '/') },
    after,
  );
  host.ask(
    'alertmanager-operational',
    alertmanager,
    { requirement: 'E-SMOKE-28', ...got(MONITORING_PORTS.alertmanager, '/-/healthy') },
    after,
  );
  host.ask('targets-up', prometheus, allUp(settings), after);
}

/** By the way that clients take, as they name the host. Whose the certificate is people ask from outside. */
const through = ({ network, edge }: Settings, path: string, ...more: readonly string[]): string[] => {
  const [scheme, port] = edge.certificates === undefined ? ['http', EDGE_PORTS.http] : ['https', EDGE_PORTS.https];
  const where = ['--connect-to', `::127.0.0.1:${port}`, `${scheme}://${network.apiHost}${path}`];
  return [
    'curl',
    '--silent',
    '--show-error',
    '--insecure',
    '--http1.1',
    ...(more.length > 0 ? more : ['--fail']),
    ...where,
  ];
};

/** E's headers on an answer (CONF-32: the first over TLS only), that nobody gets in without a token, and that A's searches answer. */
const atTheEdge = (settings: Settings): Asks<Ask> => ({
  'security-headers': {
    requirement: 'E-HDR-1, E-HDR-2, E-HDR-3, E-HDR-4',
    command: through(settings, '/health', '--dump-header', '-', '--output', '/dev/null'),
    expect: {
      contains: [
        ...(settings.edge.certificates === undefined ? [] : ['Strict-Transport-Security: max-age=31536000']),
        'X-Frame-Options: DENY',
        'X-Content-Type-Options: nosniff',
        "Content-Security-Policy: default-src 'self'",
      ],
    },
  },
  'unauthenticated-refused': {
    requirement: 'E-SEC-1',
    command: through(settings, '/api/v1/documents', '--output', '/dev/null', '--write-out', '%{http_code}'),
    expect: { reply: '401' },
  },
  'smoke-company-search': {
    requirement: 'A-SMOKE-1',
    command: through(settings, '/api/v1/companies/search?q=Apple'),
    expect: { json: {} },
  },
  'smoke-market-quotes': {
    requirement: 'A-SMOKE-2',
    command: through(settings, '/api/v1/market/quotes?symbols=AAPL'),
    expect: { json: {} },
  },
});

const got = (port: number, path: string): Pick<Ask, 'command'> => ({
  command: ['wget', '-q', '-O', '-', `http://127.0.0.1:${port}${path}`],
});

/** Asked of what Prometheus has read already: the first answers take as long as it waits between two questions. */
const allUp = ({ monitoring: { targets } }: Settings): Ask => ({
  requirement: 'E-SMOKE-25, A-OK-6',
  command: [
    ...['wget', '-q', '-O', '-'],
    `http://127.0.0.1:${PROMETHEUS_PORT}/api/v1/query?query=${encodeURIComponent(`sum(up) >= bool ${targets}`)}`,
  ],
  says: ',"1"]',
  patience: { failureLimit: 'none' },
});
