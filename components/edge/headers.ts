/** The headers that the edge puts on every answer, its own errors included, in place of what the upstream says. */
import type { Site } from './settings.ts';

/** A name and a value; the value may hold nginx's variables. An empty value is not sent. */
type Header = readonly [name: string, value: string];

/** E-HDR-2..4. The first two hold for every host; the third for those that state no policy of their own (GAP-16). */
const ALWAYS: readonly Header[] = [
  ['X-Frame-Options', 'DENY'],
  ['X-Content-Type-Options', 'nosniff'],
];
const SELF_ONLY = "default-src 'self'";

/** E-HDR-1: only over TLS, where it counts (CONF-32). Browsers ignore it in the clear, and a stack without TLS must not promise it. */
const TRANSPORT: Header = ['Strict-Transport-Security', 'max-age=31536000'];

/** What browsers may send and read across origins; values of ours (GAP-5). */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const REQUEST_HEADERS = 'Authorization, Content-Type, X-Request-Id';
const READABLE_HEADERS = 'Retry-After, X-Request-Id';
const PREFLIGHT_SECONDS = 600;

/** E's four headers for a host. */
export const securityHeaders = (site: Pick<Site, 'contentSecurityPolicy'>, secure: boolean): readonly Header[] => [
  ...(secure ? [TRANSPORT] : []),
  ...ALWAYS,
  ['Content-Security-Policy', site.contentSecurityPolicy ?? SELF_ONLY],
];

const add = ([name, value]: Header): string => `add_header ${name} "${value}" always;`;

/** The directives of one server. They stand at its top and nowhere below: a location with one of its own would lose all of these. */
export function headers(site: Pick<Site, 'contentSecurityPolicy'>, secure: boolean, cors?: string): string[] {
  const own: Header[] = [...securityHeaders(site, secure), ['X-Request-Id', '$edge_request_id']];
  const shared: Header[] =
    cors === undefined
      ? []
      : [
          ['Access-Control-Allow-Origin', `$${cors}_origin`],
          ['Access-Control-Allow-Credentials', `$${cors}_credentials`],
          ['Access-Control-Expose-Headers', `$${cors}_exposed`],
          ['Access-Control-Allow-Methods', `$${cors}_methods`],
          ['Access-Control-Allow-Headers', `$${cors}_headers`],
          ['Access-Control-Max-Age', `$${cors}_age`],
        ];
  return [
    // Said once: what the upstream says about the same matter is dropped.
    ...[TRANSPORT, ...own, ...shared]
      .map(([name]) => name)
      .filter((name, index, all) => all.indexOf(name) === index)
      .map((name) => `proxy_hide_header ${name};`),
    ...[...own, ...shared].map(add),
    ...(cors === undefined ? [] : [add(['Vary', `$${cors}_vary`])]),
    // Only the edge's own refusal: an upstream that refuses says by itself when to come back.
    'add_header Retry-After $edge_retry_after always;',
  ];
}

/**
 * The maps that decide a host's CORS headers. A listed origin is allowed with credentials; any other gets none of them, so
 * that its browser keeps the answer to itself. Errors of the edge carry them too: a page may read that it was limited.
 *
 * @param name what the variables begin with
 */
export function corsMaps(name: string, origins: readonly string[]): string[] {
  const hits = origins.toSorted().map((origin) => `  "${origin}" "${origin}";`);
  const whenAllowed = (variable: string, value: string) =>
    `map $${name}_origin $${name}_${variable} { "" ""; default "${value}"; }`;
  const whenPreflight = (variable: string, value: string) =>
    `map "$${name}_preflight:$${name}_origin" $${name}_${variable} { default ""; "~^1:." "${value}"; }`;
  return [
    `map $http_origin $${name}_origin {`,
    '  default "";',
    ...hits,
    '}',
    // The Fetch standard's own mark of a preflight: without the second header it is an ordinary OPTIONS.
    `map "$request_method:$http_origin:$http_access_control_request_method" $${name}_preflight {`,
    '  default "";',
    '  "~^OPTIONS:.+:[A-Z]+$" 1;',
    '}',
    whenAllowed('credentials', 'true'),
    whenAllowed('exposed', READABLE_HEADERS),
    whenPreflight('methods', METHODS),
    whenPreflight('headers', REQUEST_HEADERS),
    whenPreflight('age', String(PREFLIGHT_SECONDS)),
    // The answer depends on who asks, so a cache in between has to know; once is enough.
    `map $upstream_http_vary $${name}_vary { default Origin; "~*(^|,) *origin *(,|$)" ""; }`,
  ];
}
