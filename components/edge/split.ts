/**
 * How the edge divides the requests for a workload between its two sides, without a reload: a reload closes connections that
 * clients keep, and costs them requests. Pure.
 *
 * Each request falls into one of a hundred buckets by its own id. nginx looks at that moment whether a file of the bucket's
 * name exists: then the request is green's. So writing files moves traffic at once, on connections that are open too, and cuts
 * none. nginx itself takes the files, by WebDAV; nothing else in the pod writes.
 */
import { FOLDERS, PORTS, upstreamName } from './place.ts';
import type { Site, Upstream } from './settings.ts';

/** The key of the Secret that nginx reads, as it wants it: `user:{PLAIN}password`. */
export const ACCESS_KEY = 'htpasswd';
/** The variable with a request's bucket: `0` to `99`. */
const BUCKET = '$edge_bucket';

/** Every split that a site is behind, once, in one order. */
export const splitsOf = (sites: readonly Site[]): string[] =>
  [...new Set(sites.flatMap(({ upstream }) => upstream.sides?.split ?? []))].toSorted();

/** The two upstreams of one that has sides. */
export const sidesOf = (upstream: Upstream): { readonly blue: Upstream; readonly green: Upstream } | undefined =>
  upstream.sides && {
    blue: { ...upstream, service: upstream.sides.blue },
    green: { ...upstream, service: upstream.sides.green },
  };

/** The map that gives each request its bucket. */
export const buckets = (): string[] => [
  `split_clients "$request_id" ${BUCKET} {`,
  ...Array.from({ length: 99 }, (_, bucket) => `  1% ${bucket};`),
  '  * 99;',
  '}',
];

/**
 * Sets a variable to what the request's side is called. It stands in the server, not in a location: an `if` of a location
 * would take the request to a configuration of its own.
 */
export const chosen = (variable: string, split: string, blue: string, green: string): string[] => [
  `set $${variable} ${blue};`,
  `if (-f ${FOLDERS.split}/${split}/${BUCKET}) { set $${variable} ${green}; }`,
];

/** The group of kept connections to each side. */
export const groupsOf = (upstream: Upstream): { readonly blue: string; readonly green: string } => {
  const { blue, green } = sidesOf(upstream)!;
  return { blue: upstreamName(blue), green: upstreamName(green) };
};

const guarded = (split: string, head: string, lines: readonly string[]): string[] => [
  `  ${head} {`,
  `    root ${FOLDERS.split};`,
  '    auth_basic split;',
  // Read at each request: it may come after the edge, and may change. Without it, nobody is let in.
  `    auth_basic_user_file ${FOLDERS.splitAccess}/${split}/${ACCESS_KEY};`,
  ...lines.map((line) => `    ${line}`),
  '  }',
];

/** Where the files are written, listed and removed, by whoever has the password of that split; on a port that no Service leads to. */
export const splitServer = (splits: readonly string[]): string[] => [
  'server {',
  `  listen ${PORTS.split};`,
  '  access_log off;',
  '  location / { return 404; }',
  ...splits.flatMap((split) => [
    ...guarded(split, `location = /${split}/`, ['autoindex on;', 'autoindex_format json;']),
    // The files of buckets, and nothing above: not the folder itself.
    ...guarded(split, `location ~ ^/${split}/(?:[1-9]?[0-9])$`, [
      'client_max_body_size 1;',
      // On the same file system as the files, so that a file is there as a whole or not at all.
      `client_body_temp_path ${FOLDERS.split}/.bodies;`,
      'dav_methods PUT DELETE;',
    ]),
  ]),
  '}',
];

/** Before nginx starts: what the ConfigMaps say becomes files, so that a new pod divides as the others do. */
export const splitStart = (): string =>
  [
    'set -eu',
    `cd ${FOLDERS.splitStart}`,
    'for split in *; do',
    `  mkdir -p "${FOLDERS.split}/$split"`,
    '  for bucket in "$split"/*; do',
    `    if [ -f "$bucket" ]; then : > "${FOLDERS.split}/$bucket"; fi`,
    '  done',
    'done',
  ].join('\n');
