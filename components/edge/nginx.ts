/** nginx.conf, whole: the same text for the plain image and for the one with the firewall. Pure. */
import { milliCpu } from '../core/index.ts';
import { corsMaps, headers } from './headers.ts';
import { PORTS, upstreamName, type Listeners, type NginxSettings } from './place.ts';
import { own } from './own.ts';
import { siteServers } from './servers.ts';
import { buckets, sidesOf, splitServer, splitsOf } from './split.ts';
import type { Site } from './settings.ts';

/** How many connections one worker holds, clients' and upstreams' together (ours). */
const CONNECTIONS = 4096;
/** Sixteen thousand addresses fit into a megabyte. */
const ZONE = '10m';

/** Whether anything is served over TLS at all. */
export const isSecure = (sites: readonly Site[]): boolean => sites.some(({ tls }) => tls !== undefined);

/** `sites` come in the order of their hosts, so that a reordered list is the same configuration. */
export function nginxConf(settings: NginxSettings): string {
  const sites = settings.sites.toSorted((a, b) => (a.host < b.host ? -1 : 1));
  const workers = Math.max(1, Math.floor(milliCpu(settings.cores) / 1000));
  const proxied = settings.clientAddress.from === 'proxyProtocol' ? ' proxy_protocol' : '';
  const listen = { plain: `${PORTS.http}${proxied}`, tls: `${PORTS.https} ssl http2${proxied}` };
  return [
    ...(settings.firewall ? ['load_module /etc/nginx/modules/ngx_http_modsecurity_module.so;'] : []),
    `worker_processes ${workers};`,
    // Old workers finish what they have, and then they go.
    'worker_shutdown_timeout 30s;',
    'pid /tmp/nginx.pid;',
    // Lines of a lower level carry whole request lines, and in them the signatures of presigned addresses (E-SEC-3). What
    // failed, where and after how long stands in the access log.
    'error_log /dev/stderr crit;',
    `events { worker_connections ${CONNECTIONS}; }`,
    'http {',
    ...indented([
      ...general(settings),
      ...connections(),
      ...transport(),
      ...upstreams(sites),
      ...divided(sites),
      ...(settings.led ? led(settings.led) : []),
      ...sites.flatMap(({ cors }, index) => (cors ? corsMaps(`cors_${index}`, cors.origins) : [])),
      ...own(),
      ...unknown(listen, isSecure(sites)),
      ...sites.flatMap((site, index) => siteServers(settings, listen, site, index)),
    ]),
    '}',
    '',
  ].join('\n');
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** What every request is known by, limited by and logged as. */
function general({ clientAddress, rateLimit, resolver }: NginxSettings): string[] {
  const log = {
    time: '$time_iso8601',
    id: '$edge_request_id',
    client: '$remote_addr',
    host: '$host',
    method: '$request_method',
    // The path alone: what follows the question mark may be a signature.
    path: '$uri',
    protocol: '$server_protocol',
    tls: '$ssl_protocol',
    status: '$status',
    limited: '$limit_req_status',
    sent: '$body_bytes_sent',
    seconds: '$request_time',
    upstream: '$upstream_addr',
    upstreamStatus: '$upstream_status',
    upstreamSeconds: '$upstream_response_time',
    agent: '$http_user_agent',
  };
  return [
    `log_format json escape=json '${JSON.stringify(log)}';`,
    'access_log /dev/stdout json;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((use) => `${use}_temp_path /tmp/${use};`),
    'default_type text/plain;',
    'server_tokens off;',
    // A name may have 253 characters.
    'server_names_hash_bucket_size 512;',
    'sendfile on;',
    ...(clientAddress.from === 'connection'
      ? []
      : [
          ...clientAddress.trusted.toSorted().map((cidr) => `set_real_ip_from ${cidr};`),
          `real_ip_header ${clientAddress.from === 'proxyProtocol' ? 'proxy_protocol' : 'X-Forwarded-For'};`,
          // The last address that no trusted proxy wrote: everything before it may be made up.
          ...(clientAddress.from === 'forwardedFor' ? ['real_ip_recursive on;'] : []),
        ]),
    // An id that a client sends is kept if it is one; it ends up in logs.
    'map $http_x_request_id $edge_request_id { default $request_id; "~^[A-Za-z0-9._-]{8,64}$" $http_x_request_id; }',
    'map "$status:$upstream_status" $edge_retry_after { default ""; "429:" 1; }',
    'map $http_upgrade $edge_connection { "" ""; default upgrade; }',
    `limit_req_zone $binary_remote_addr zone=address:${ZONE} rate=${rateLimit.perSecond}r/s;`,
    'limit_req_status 429;',
    `resolver ${resolver} valid=2s ipv6=off;`,
    'resolver_timeout 5s;',
  ];
}

/** How long anybody may keep a connection busy, and what the upstreams are told (ours, GAP-5). */
const connections = (): string[] => [
  'client_header_timeout 10s;',
  'client_body_timeout 30s;',
  'send_timeout 30s;',
  'keepalive_timeout 65s;',
  'large_client_header_buffers 4 16k;',
  'proxy_http_version 1.1;',
  'proxy_connect_timeout 2s;',
  'proxy_send_timeout 30s;',
  // A large answer is passed on at the client's pace, never written to the pod's disk.
  'proxy_max_temp_file_size 0;',
  // POST and PATCH are never sent twice: nginx leaves them out unless it is told otherwise.
  'proxy_next_upstream error timeout;',
  'proxy_next_upstream_tries 2;',
  'proxy_next_upstream_timeout 10s;',
  ...[
    // With the port, if there was one: an object store checks a signature over it.
    'Host $http_host',
    'Connection $edge_connection',
    'Upgrade $http_upgrade',
    'X-Request-Id $edge_request_id',
    // Written anew, not added to: what the client claims about itself ends here.
    'X-Real-IP $remote_addr',
    'X-Forwarded-For $remote_addr',
    'X-Forwarded-Proto $scheme',
    'X-Forwarded-Host $host',
  ].map((header) => `proxy_set_header ${header};`),
];

/** What browsers of the last years speak, and nothing older (Mozilla's "intermediate" without Diffie-Hellman over primes). */
const transport = (): string[] => [
  'ssl_protocols TLSv1.2 TLSv1.3;',
  `ssl_ciphers ${[
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ].join(':')};`,
  'ssl_prefer_server_ciphers off;',
  'ssl_ecdh_curve X25519:prime256v1:secp384r1;',
  'ssl_session_cache shared:tls:10m;',
  'ssl_session_timeout 1h;',
  // Tickets are sealed with a key that only one pod has.
  'ssl_session_tickets off;',
];

/**
 * How long an idle connection to a pod is kept: less than pods keep theirs, which for Uvicorn and Node is 5 s. Whoever closes
 * last may be sending on what the other one is just closing, and both tries of a request can meet that.
 */
const KEPT_SECONDS = 4;

/**
 * One group of kept connections a Service. Its address stands twice: a Service is one address for many pods, and a second
 * try on it is most likely another pod. Nothing is ever marked as down; that is the Service's business.
 */
function upstreams(sites: readonly Site[]): string[] {
  const kept = sites
    .map(({ upstream }) => upstream)
    .filter(({ late }) => late !== true)
    .flatMap((upstream) => Object.values(sidesOf(upstream) ?? { upstream }));
  const all = new Map(kept.map((upstream) => [upstreamName(upstream), upstream]));
  return [...all].flatMap(([name, { service, port }]) => [
    `upstream ${name} {`,
    ...['first try', 'second try'].map(() => `  server ${service}:${port} max_fails=0;`),
    '  keepalive 32;',
    `  keepalive_timeout ${KEPT_SECONDS}s;`,
    '}',
  ]);
}

/** What it takes to divide traffic, where anything is divided. */
function divided(sites: readonly Site[]): string[] {
  const splits = splitsOf(sites);
  return splits.length === 0 ? [] : [...buckets(), ...splitServer(splits)];
}

/** What the rollovers say, and what they lead to for those inside: by a name that stays while containers come and go. */
const led = ({ folder, inside }: NonNullable<NginxSettings['led']>): string[] => [
  `include ${folder}/*.conf;`,
  ...inside.flatMap(({ port, variable }) => [
    'server {',
    `  listen ${port};`,
    '  access_log off;',
    `  location / { proxy_pass http://$${variable}; }`,
    '}',
  ]),
];

/** Whoever asks for a host that is not served: 404 in the clear, and no handshake over TLS. */
function unknown(listen: Listeners, secure: boolean): string[] {
  const nothing = (lines: readonly string[], tls: boolean): string[] => [
    'server {',
    ...indented([...lines, 'server_name _;', ...headers({}, tls)]),
    // Load balancers ask by address.
    '  location = /healthz { access_log off; return 200 "ok\\n"; }',
    '  location / { return 404; }',
    '}',
  ];
  return [
    ...nothing([`listen ${listen.plain} default_server;`], false),
    ...(secure ? nothing([`listen ${listen.tls} default_server;`, 'ssl_reject_handshake on;'], true) : []),
  ];
}
