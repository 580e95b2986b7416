/** What an edge is told: which hosts it serves, whom it lets in, and how much of it. */
import { CIDR_WANTED, isCidr, isDuration, Problems, shown, type Bytes, type Duration } from '../core/index.ts';

/** A Service that answers behind the edge, in the edge's own namespace. */
export interface Upstream {
  readonly service: string;
  /** The Service's port. */
  readonly port: number;
  /**
   * Whether the Service may come after the edge. Its address is then asked for at each request, and no connection to it is
   * kept; until it is there, the answer is 502. Otherwise nginx does not start without it.
   * @default false
   */
  readonly late?: boolean;
  /**
   * The Secret whose `ca.crt` has signed the Service's certificate, which must carry the Service's name. The Secret must be
   * there before the edge; another authority counts from the pods' next start on.
   * @default the Service speaks plain HTTP
   */
  readonly tls?: Certificate | undefined;
  /**
   * The variable of the configuration that holds `host:port`, where somebody else leads this edge: see `NginxSettings.led`.
   * @default the Service and its port
   */
  readonly variable?: string | undefined;
  /**
   * Where the workload has two sides between which its releases divide the traffic, request by request (D-DEP-2, D-DEP-3).
   * `service` is then no more than the name that its certificate carries.
   * @default every request goes to `service`
   */
  readonly sides?: Sides | undefined;
}

/** Two Services of one workload, on the upstream's port, and what says who gets which share. */
export interface Sides {
  /** The Service that gets everything that is not green's. */
  readonly blue: string;
  readonly green: string;
  /**
   * The name of a ConfigMap whose keys are green's hundredths, `0` to `99`, which new pods start with; and of the Secret whose
   * `htpasswd` says who may move the traffic of pods that run. Both may come later: until then all of it is blue's.
   */
  readonly split: string;
}

/** A Secret of type `kubernetes.io/tls`. It may come later than the edge, and may change at any time. */
export interface Certificate {
  readonly secretName: string;
}

/** Which pages of other origins may use a host from a browser. */
export interface Cors {
  /** Scheme, host and port, exactly as browsers send it: `https://staging.corporate-intel.example.com` (A-DNS-4). */
  readonly origins: readonly string[];
}

/** One host name and what answers under it (A-DNS-1..3). */
export interface Site {
  /** Lower case, without a port. Anything else that arrives is answered with 404. */
  readonly host: string;
  readonly upstream: Upstream;
  /** Without it the host is served in the clear, and without HSTS (CONF-32). */
  readonly tls?: Certificate | undefined;
  /** Answered by the edge alone, which hides what the upstream says about it. @default the upstream's own answers */
  readonly cors?: Cors | undefined;
  /** Whether the edge's firewall reads its requests. Off where bodies are files, as at an object store. */
  readonly inspected: boolean;
  /** `Content-Security-Policy`. @default `default-src 'self'` (E-HDR-4). A console with inline scripts needs its own (GAP-16). */
  readonly contentSecurityPolicy?: string | undefined;
  /** The largest request body, answered with 413 above (GAP-5, ours). */
  readonly maxBody: Bytes;
  /** Hands bodies on as they arrive, for files larger than the edge's memory. Such a request is never tried twice. */
  readonly streaming: boolean;
  /** How long the upstream may be silent. */
  readonly answerWithin: Duration;
}

/** How the address of a client is known. The limit and the log go by it, and the upstream is told it. */
export type ClientAddress =
  /** It is the other end of the connection: no proxy stands before the edge that changes it. */
  | { readonly from: 'connection' }
  /** The load balancer sends it ahead of each connection. Connections without it are refused, those of gates too. */
  | { readonly from: 'proxyProtocol'; readonly trusted: readonly string[] }
  /** `X-Forwarded-For`, as far as trusted networks wrote it. */
  | { readonly from: 'forwardedFor'; readonly trusted: readonly string[] };

/**
 * Requests of one address, over all hosts. One address always reaches the same pod, so the number holds for the edge as a
 * whole. A limit per identity is the API's own business (A-ENV-34).
 */
export interface RateLimit {
  readonly perSecond: number;
  /** So many more at once; what exceeds it is answered with 429 and `Retry-After`. */
  readonly burst: number;
}

/** ModSecurity with the OWASP core rules (D-ING-3). */
export interface Firewall {
  /** `detect` writes what it would have refused to the log, and refuses nothing. */
  readonly mode: 'detect' | 'block';
  /** 1 to 4: how suspicious the rules are. Above 1, expect to write exclusions. */
  readonly paranoia: number;
  /** The score from which a request is refused with 403. One critical finding scores 5. */
  readonly threshold: number;
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;
/** Nothing that ends a quoted word of nginx.conf, or stands for a variable in it. */
const POLICY = /^[\x20-\x7e]+$/;

/**
 * Checks what ends up in a configuration file: a value that broke out of its place would be a configuration of its own.
 *
 * @throws InputRefused with every problem
 */
export function checkSites(
  sites: readonly (Pick<Site, 'host' | 'upstream'> & Partial<Site>)[],
  clientAddress: ClientAddress = { from: 'connection' },
): void {
  const problems = new Problems();
  const expect = (where: string, value: string, pattern: RegExp, wanted: string) => {
    problems.require(pattern.test(value), { where, found: shown(value), wanted });
  };
  problems.require(sites.length > 0, { where: 'sites', found: 'none', wanted: 'at least one host' });
  for (const [index, site] of sites.entries()) {
    const where = `sites[${index}]`;
    expect(`${where}.host`, site.host, HOST, 'a host name in lower case');
    expect(`${where}.upstream.service`, site.upstream.service, LABEL, 'the name of a Service');
    const { sides } = site.upstream;
    for (const of of sides ? (['blue', 'green', 'split'] as const) : []) {
      expect(`${where}.upstream.sides.${of}`, sides![of], LABEL, 'the name of an object, without dots');
    }
    for (const [of, tls] of [
      ['tls', site.tls],
      ['upstream.tls', site.upstream.tls],
    ] as const) {
      if (tls) expect(`${where}.${of}.secretName`, tls.secretName, LABEL, 'the name of a Secret, without dots');
    }
    for (const origin of site.cors?.origins ?? []) {
      expect(`${where}.cors.origins`, origin, ORIGIN, 'an origin: scheme, host and port only');
    }
    const policy = site.contentSecurityPolicy ?? '';
    problems.require(policy === '' || (POLICY.test(policy) && !/["\\$]/.test(policy)), {
      where: `${where}.contentSecurityPolicy`,
      found: shown(policy),
      wanted: 'one line without double quotes, backslashes and dollar signs',
    });
    problems.require(site.answerWithin === undefined || isDuration(site.answerWithin), {
      where: `${where}.answerWithin`,
      found: shown(site.answerWithin),
      wanted: 'a duration like "60s"',
    });
    const first = sites.findIndex(({ host }) => host === site.host);
    problems.require(first === index, {
      where: `${where}.host`,
      found: `${shown(site.host)} a second time`,
      wanted: `each host once; sites[${first}] has it`,
    });
  }
  for (const cidr of clientAddress.from === 'connection' ? [] : clientAddress.trusted) {
    problems.require(isCidr(cidr), { where: 'clientAddress.trusted', found: shown(cidr), wanted: CIDR_WANTED });
  }
  problems.throwIfAny('the edge');
}
