/** The configuration files of Redis and nginx. */
import { createHash } from 'node:crypto';
import { CHAT, HEALTH, NGINX_HEALTH, PORTS } from './facts.ts';

/** What Redis may hold. */
export interface CacheLimits {
  /** `REDIS_MAX_MEMORY`, like `512mb` (C-ENV-15). */
  readonly maxMemory: string;
  /** What is dropped when it is full. */
  readonly evictionPolicy: string;
}

/**
 * `redis.conf`. The password stands there as its hash, and so in no list of processes.
 */
export const redisConf = ({ maxMemory, evictionPolicy }: CacheLimits, password: string): string =>
  [
    'bind * -::*',
    `port ${PORTS.redis}`,
    'dir /data',
    `user default on #${createHash('sha256').update(password).digest('hex')} ~* &* +@all`,
    'appendonly yes',
    'appendfsync everysec',
    // The append-only file is the durable copy; snapshots beside it would only double the writes.
    'save ""',
    `maxmemory ${maxMemory}`,
    `maxmemory-policy ${evictionPolicy}`,
    '',
  ].join('\n');

/** The longest that an answer may take, in seconds: a language model is slow (C-OK-4 allows 10; ours). */
const SLOWEST = 60;

/** Where nginx finds its certificate, with those it was issued by below it, and its key. */
export const CERTIFICATE = { chain: '/etc/nginx/tls/tls.crt', key: '/etc/nginx/tls/tls.key' } as const;

/** The name that clients use, and the port on the host that they use it with. */
export interface Secured {
  readonly host: string;
  readonly port: number;
}

/** Where clients find what is served over TLS: the port is left out where it goes without saying. */
export const secureOrigin = ({ host, port }: Secured): string => `https://${host}${port === 443 ? '' : `:${port}`}`;

const HEALTHY = `  location = ${NGINX_HEALTH} {
    access_log off;
    return 200;
  }`;

/** TLS 1.2 and up, as the other edges of this program. The promise to come by TLS alone is E's first header. */
const ENCRYPTED = `  listen ${PORTS.tls} ssl;
  ssl_certificate ${CERTIFICATE.chain};
  ssl_certificate_key ${CERTIFICATE.key};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:1m;
  add_header Strict-Transport-Security "max-age=31536000" always;`;

/** In the clear: nothing but its own health, and the way to where it is encrypted. */
const elsewhere = (secured: Secured): string => `server {
  listen ${PORTS.nginx};
  server_tokens off;
${HEALTHY}
  location / {
    return 308 ${secureOrigin(secured)}$request_uri;
  }
}
`;

/**
 * What nginx does: the page from the frontend, the rest from the backend. `/metrics` is for Prometheus, which comes to the
 * backend's own port, and is not given away here.
 *
 * The names are asked for at each request and not only at the start: a container that was replaced has another address.
 *
 * @param secured where it has a certificate: all of this is served over TLS then, and whoever comes in the clear is sent there
 */
export const nginxConf = (secured?: Secured): string => `${secured ? elsewhere(secured) : ''}server {
${secured ? ENCRYPTED : `  listen ${PORTS.nginx};`}
  server_tokens off;
  client_max_body_size 1m;
  # The resolver of Docker's own networks.
  resolver 127.0.0.11 valid=2s ipv6=off;
  set $backend backend;
  set $frontend frontend;

  proxy_http_version 1.1;
  proxy_read_timeout ${SLOWEST}s;
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;

${HEALTHY}
  location = ${HEALTH.path} {
    proxy_pass http://$backend:${PORTS.backend};
  }
  location ${CHAT.path.slice(0, CHAT.path.lastIndexOf('/') + 1)} {
    proxy_pass http://$backend:${PORTS.backend};
  }
  location / {
    proxy_pass http://$frontend:${PORTS.frontend};
  }
}
`;
