/** The server blocks of one host: in the clear, and over TLS where it has a certificate. Pure. */
import { bytes, milliseconds } from '../core/index.ts';
import { headers } from './headers.ts';
import { FOLDERS, SOLVER, upstreamName, type Listeners, type NginxSettings } from './place.ts';
import { chosen, groupsOf } from './split.ts';
import type { Site, Upstream } from './settings.ts';

const block = (head: string, lines: readonly string[]): string[] => [
  `${head} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
];

export function siteServers(settings: NginxSettings, listen: Listeners, site: Site, index: number): string[] {
  const { host, tls } = site;
  const cors = site.cors && `cors_${index}`;
  const named = [`server_name ${host};`];
  if (!tls) {
    return block('server', [
      `listen ${listen.plain};`,
      ...named,
      ...headers(site, false, cors),
      ...challenge(settings),
      ...answers(settings, site, cors),
    ]);
  }
  const port = settings.publicHttps === 443 ? '' : `:${settings.publicHttps}`;
  const files = `${FOLDERS.certificates}/${tls.secretName}`;
  return [
    ...block('server', [
      `listen ${listen.plain};`,
      ...named,
      ...headers(site, false, cors),
      ...challenge(settings),
      // 308 and not 301: a POST stays a POST.
      `location / { return 308 https://${host}${port}$request_uri; }`,
    ]),
    // A variable for a name makes nginx read the files at each handshake: it starts without them, and a renewed
    // certificate counts from the next connection on. Nothing is reloaded, so no connection is ever cut for it.
    `map $ssl_server_name $certificate_${index} { default ${files}/tls.crt; }`,
    `map $ssl_server_name $key_${index} { default ${files}/tls.key; }`,
    ...block('server', [
      `listen ${listen.tls};`,
      ...named,
      `ssl_certificate $certificate_${index};`,
      `ssl_certificate_key $key_${index};`,
      ...headers(site, true, cors),
      ...answers(settings, site, cors),
    ]),
  ];
}

/**
 * Each pod that answers a challenge knows its own token only, and says 404 to the others': all are asked in turn. Names
 * come and go with the challenges, so they are looked up at each request.
 */
const challenge = ({ namespace }: NginxSettings): string[] =>
  namespace === undefined ? fromFolder() : fromSolvers(namespace);

const fromFolder = (): string[] =>
  block('location ^~ /.well-known/acme-challenge/', [`alias ${FOLDERS.challenges}/;`, 'default_type text/plain;']);

const fromSolvers = (namespace: string): string[] => [
  ...block('location ^~ /.well-known/acme-challenge/', [
    `set $solver ${SOLVER.service}.${namespace}.svc.cluster.local;`,
    `proxy_pass http://$solver:${SOLVER.port};`,
    'proxy_read_timeout 5s;',
    'proxy_next_upstream error timeout http_404;',
    'proxy_next_upstream_tries 10;',
    // Nobody is being challenged.
    'error_page 502 504 =404 @unchallenged;',
  ]),
  'location @unchallenged { return 404; }',
];

/** The variable that says which side a request goes to. */
const SIDE = 'edge_side';

const address = (namespace: string | undefined, service: string): string =>
  namespace === undefined ? service : `${service}.${namespace}.svc.cluster.local`;

/** Which of two sides a request goes to; nothing where there is one. */
function sided(namespace: string | undefined, upstream: Upstream): string[] {
  const { sides, late } = upstream;
  if (sides === undefined) return [];
  const { blue, green } =
    late === true
      ? { blue: address(namespace, sides.blue), green: address(namespace, sides.green) }
      : groupsOf(upstream);
  return chosen(SIDE, sides.split, blue, green);
}

/** By its group of kept connections; or by its name, where the Service may come later. */
function passed(namespace: string | undefined, upstream: Upstream): string[] {
  const { service, port, late, tls, sides, variable } = upstream;
  const scheme = tls ? 'https' : 'http';
  const later = late === true ? `:${port}` : '';
  return [
    ...(variable !== undefined
      ? [`proxy_pass ${scheme}://$${variable};`]
      : sides
        ? [`proxy_pass ${scheme}://$${SIDE}${later};`]
        : late === true
          ? [`set $upstream ${address(namespace, service)};`, `proxy_pass ${scheme}://$upstream${later};`]
          : [`proxy_pass ${scheme}://${upstreamName(upstream)};`]),
    ...(tls
      ? [
          'proxy_ssl_verify on;',
          'proxy_ssl_verify_depth 2;',
          `proxy_ssl_trusted_certificate ${FOLDERS.authorities}/${tls.secretName}/ca.crt;`,
          // By the Service's name, whatever the client called the host.
          `proxy_ssl_name ${service};`,
          'proxy_ssl_server_name on;',
          'proxy_ssl_protocols TLSv1.2 TLSv1.3;',
        ]
      : []),
  ];
}

function answers({ namespace, firewall, rateLimit }: NginxSettings, site: Site, cors: string | undefined): string[] {
  return [
    `client_max_body_size ${bytes(site.maxBody)};`,
    // Decided before anything else, and never handed on: a preflight carries nothing.
    ...(cors === undefined ? [] : [`if ($${cors}_preflight) { return 204; }`]),
    ...sided(namespace, site.upstream),
    ...block('location /', [
      // nginx knows no burst of nothing.
      `limit_req zone=address${rateLimit.burst > 0 ? ` burst=${rateLimit.burst} nodelay` : ''};`,
      ...(firewall && site.inspected
        ? [
            'modsecurity on;',
            `modsecurity_rules_file ${FOLDERS.configuration}/modsecurity.conf;`,
            'modsecurity_transaction_id $edge_request_id;',
          ]
        : []),
      ...(site.streaming ? ['proxy_request_buffering off;', 'proxy_buffering off;'] : []),
      `proxy_read_timeout ${milliseconds(site.answerWithin)}ms;`,
      ...passed(namespace, site.upstream),
    ]),
  ];
}
