/** Where A's and E's requirements show in the plan of `standalone`: thirteen services on one Docker host. */
import { counted, every, rows, some, type Row } from './rows.ts';

const STACK = 'standalone';

const image = (name: string, wanted: RegExp, ids: string): Row[] =>
  rows(STACK, `RemoteImage ${name}-image`, [ids, 'name', every(wanted)]);

/** The variables of the API that are no secrets. */
const told = (id: string, name: string, value: string): Row[] =>
  rows(STACK, 'Rollover api-live', [id, 'body.Env', some(new RegExp(`^${name}=${value}$`))]);

const PROMETHEUS = 'uploads[file=/etc/prometheus/prometheus.yml].content';
const job = (id: string, name: string, target: string): Row[] =>
  rows(STACK, 'Container prometheus', [
    id,
    PROMETHEUS,
    some(new RegExp(`"job_name":"${name}"[^}]*"static_configs":\\[\\{"targets":\\["${target}"\\]`)),
  ]);

const NGINX = 'uploads[file=/etc/nginx/nginx.conf].content';

export const STANDALONE: readonly Row[] = [
  // The thirteen, each with its gate (E-TOPO-1..4).
  ...image('postgres', /timescaledb:2\.13\.0-pg15/, 'E-TOPO-1, A-TOPO-2, A-IMG-4'),
  ...image('postgres-exporter', /postgres-exporter:/, 'E-TOPO-1'),
  ...image('redis', /redis:7\.2/, 'E-TOPO-1, A-TOPO-2, A-IMG-4'),
  ...image('redis-exporter', /redis_exporter:/, 'E-TOPO-1'),
  ...image('minio', /minio/, 'E-TOPO-1, A-TOPO-2, A-IMG-4'),
  ...image('api', /corporate-intel-api:1\.0\.0/, 'E-TOPO-2, E-TOPO-5, A-TOPO-1'),
  ...image('nginx', /nginx-unprivileged:1\.25/, 'E-TOPO-2, A-TOPO-7'),
  ...['prometheus', 'grafana', 'alertmanager', 'node-exporter', 'cadvisor'].flatMap((name) =>
    image(name, new RegExp(name), 'E-TOPO-3'),
  ),
  ...image('jaeger', /all-in-one/, 'E-TOPO-3, A-IMG-4'),
  ...rows(STACK, 'ContainerGate *-healthy', ['E-TOPO-4', 'container', counted(12)]),
  ...rows(STACK, 'Rollover api-live', ['E-TOPO-4, A-DEP-1', 'body.Healthcheck.Test', some('CMD')]),

  // Ports are inside; nginx alone opens two (CONF-34).
  ...rows(
    STACK,
    'Container nginx',
    ['A-PORT-1, A-TOPO-3', NGINX, some(/listen 8000;/)],
    ['A-TOPO-3', 'networksAdvanced.*.aliases', some('api')],
  ),
  ...rows(
    STACK,
    'Container postgres',
    ['E-SEC-2, A-PORT-2', 'ports', []],
    ['E-SEC-2', 'networksAdvanced.*.name', 'corporate-intel-data'],
  ),
  ...rows(STACK, 'Network host-data', ['E-SEC-2', 'internal', true]),
  ...rows(STACK, 'Container redis', ['A-PORT-3', 'ports', []], ['A-PORT-3', 'uploads.*.content', some(/^port 6379$/m)]),
  ...rows(STACK, 'Container minio', ['A-PORT-4', 'ports', []], ['A-PORT-5', 'command', some(':9001')]),
  ...rows(STACK, 'Gate A-GATE-12', ['A-GATE-12, A-PORT-6, E-SMOKE-27', 'command', some(/:16686\//)]),
  ...told('A-PORT-7', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jaeger:4317'),
  ...rows(STACK, 'Container jaeger', ['A-PORT-7', 'envs', some('COLLECTOR_OTLP_ENABLED=true')]),
  ...rows(STACK, 'Container grafana', ['A-PORT-9', 'healthcheck.tests', some(/:3000\//)]),
  ...rows(STACK, 'Container prometheus', ['A-PORT-8', 'healthcheck.tests', some(/:9090\//)]),

  // What Prometheus asks, and how often.
  ...rows(
    STACK,
    'Container prometheus',
    ['A-MON-1', PROMETHEUS, some(/"scrape_interval":"15s"/)],
    ['A-MON-1', PROMETHEUS, some(/"evaluation_interval":"15s"/)],
    ['A-MON-1', PROMETHEUS, some(/"external_labels":\{"cluster":"corporate-intel","environment":"production"\}/)],
  ),
  ...job('A-MON-2', 'corporate-intel-api', 'api:8000'),
  ...job('A-MON-3, A-PORT-10', 'postgres', 'postgres-exporter:9187'),
  ...job('A-MON-4, A-PORT-11', 'redis', 'redis-exporter:9121'),
  ...rows(STACK, 'Gate E-SMOKE-25', ['E-SMOKE-25, A-OK-6', 'command', some(/sum\(up\)%20%3E%3D%20bool%208$/)]),
  ...rows(STACK, 'Gate E-SMOKE-28', ['E-SMOKE-28', 'container', 'alertmanager']),

  // The way in.
  ...rows(
    STACK,
    'Container nginx',
    ['E-HDR-1', NGINX, some(/Strict-Transport-Security "max-age=31536000"/)],
    ['E-HDR-2', NGINX, some(/X-Frame-Options "DENY"/)],
    ['E-HDR-3', NGINX, some(/X-Content-Type-Options "nosniff"/)],
    ['E-HDR-4', NGINX, some(/Content-Security-Policy "default-src 'self'"/)],
    ['A-DNS-1', NGINX, some(/server_name api\.corporate-intel\.example\.com;/)],
    ['A-DNS-2', NGINX, some(/server_name storage\.corporate-intel\.example\.com;/)],
    ['A-DNS-3', NGINX, some(/server_name monitor\.corporate-intel\.example\.com;/)],
  ),
  ...rows(STACK, 'Gate E-HDR-1', ['E-HDR-1', 'expect.contains', some('Strict-Transport-Security: max-age=31536000')]),
  ...rows(STACK, 'Gate E-SEC-1', ['E-SEC-1', 'expect.reply', '401']),

  // What is proven, and in which order.
  ...rows(
    STACK,
    'Gate A-GATE-1',
    ['A-GATE-1', 'command', some(/\/health$/)],
    ['A-GATE-8', 'expect.json.status', 'healthy'],
  ),
  ...rows(STACK, 'Gate A-GATE-2', ['A-GATE-2', 'command', some(/\/api\/v1\/health\/database$/)]),
  ...rows(STACK, 'Gate A-GATE-3', ['A-GATE-3', 'command', some(/\/api\/v1\/health\/redis$/)]),
  ...rows(STACK, 'Gate A-GATE-4', ['A-GATE-4', 'command', some(/\/api\/v1\/health\/minio$/)]),
  ...rows(
    STACK,
    'Gate A-GATE-5',
    ['A-GATE-5', 'command', some('pg_isready')],
    ['A-MIG-1', 'patience.interval', '2s'],
    ['A-MIG-1', 'patience.deadline', '60s'],
  ),
  ...rows(STACK, 'Gate A-GATE-6', ['A-GATE-6', 'expect.reply', 'PONG']),
  ...rows(STACK, 'Gate A-GATE-7', ['A-GATE-7', 'command', some(/\/minio\/health\/live$/)]),
  ...rows(STACK, 'Gate A-GATE-10', ['A-GATE-10', 'command', some('SELECT version()')]),
  ...rows(STACK, 'Gate A-GATE-11', ['A-GATE-11', 'command', some(/:9001\//)]),
  ...rows(STACK, 'Container migrate', ['A-MIG-2', 'command', ['migrate']]),
  ...rows(
    STACK,
    'Gate E-MIG-1',
    ['E-MIG-1', 'patience.deadline', some('15m')],
    ['E-MIG-1', 'expect.atLeast', some(15)],
  ),
  ...rows(STACK, 'Gate E-MIG-2', ['E-MIG-2', 'expect.atLeast', some(10)]),
  ...rows(STACK, 'Gate E-MIG-3', ['E-MIG-3', 'expect.atLeast', some(19)]),
  ...rows(STACK, 'Gate E-MIG-4', ['E-MIG-4', 'expect.atLeast', some(2)]),
  ...rows(STACK, 'Gate E-DATA-1', ['E-DATA-1', 'expect.atLeast', some(500)], ['E-DATA-1', 'expect.atLeast', some(5)]),
  ...rows(STACK, 'Container dump', ['E-DEP-3', 'command', some(/pg_dump[^]*sha256sum/)]),
];
