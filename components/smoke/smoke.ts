/**
 * E's smoke tests, run inside the cluster by the image's own command (E-SMOKE-1..23).
 *
 * Why a Job and not a gate: they sign in and then use what they got, they write, they use a minute up, and they time
 * answers of a few milliseconds. A gate only looks, and through a port-forward no figure of that size means anything.
 * The Job goes where clients go: by the Service, or by the edge.
 */
import type * as pulumi from '@pulumi/pulumi';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { CA_FOLDER } from '../api/index.ts';
import {
  CONTAINER_SECURITY,
  labels,
  PlatformComponent,
  podSecurity,
  Problems,
  resources,
  seconds,
  shown,
  SUBJECT,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
  type SecretRef,
} from '../core/index.ts';

/** What an answer may take, in milliseconds; a test is passed below it. Each is the median of 20 but the last. */
export interface Bars {
  /** `/health`. E-SMOKE-20: 10 */
  readonly health: number;
  /** All companies. E-SMOKE-21: 50 */
  readonly list: number;
  /** One company by its ticker. E-SMOKE-22: 10 */
  readonly ticker: number;
  /** The slowest of ten requests at once. E-SMOKE-23: 100 */
  readonly concurrent: number;
}

export interface SmokeArgs {
  readonly namespace: string;
  readonly partOf: string;
  readonly version: string;
  /** The API's image, for its command `smoke`. */
  readonly image: Image;
  /** What is tried out: the tests run again when it changes. */
  readonly subject: pulumi.Input<string>;
  /** Where clients come in, as a pod sees it: `http://api:8000`, `https://edge:8443`. */
  readonly url: string;
  /** The name that is asked for, and that the certificate has to be for, where it is not the URL's. */
  readonly host?: string | undefined;
  /** The Secret whose `ca.crt` signed that certificate. Left out: an authority that the image knows. */
  readonly tls?: { readonly secretName: string } | undefined;
  /** Who signs in. The requests of one minute are used up: nobody else should be this user. */
  readonly user: { readonly name: string; readonly password: SecretRef };
  /** Companies that the list must hold (E-DATA-1). */
  readonly companies: number;
  /** Requests that one user has in a minute; 0 leaves E-SMOKE-19 out. */
  readonly rateLimit: number;
  readonly bars: Bars;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  /** How long all of it may take, and a second attempt. */
  readonly deadline: Duration;
}

/** Attempts after the first: a slow moment of the machine is no verdict. The second runs on warm caches. */
const RETRIES = 1;

/**
 * Cost: one pod for some seconds after each release, and `rateLimit` + 1 requests. Failure: the update fails; what was
 * rolled out stays, and its log (`kubectl logs job/smoke`) has a line of JSON for each test. The next `up` tries again.
 */
export class Smoke extends PlatformComponent {
  constructor(name: string, args: SmokeArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Smoke', name, { version: args.version }, options);
    check(name, args);
    const { namespace, version, partOf } = args;
    const meta = { labels: labels({ component: 'smoke', instance: name, partOf, version }) };
    const deadline = seconds(args.deadline);
    new Job(
      `${name}-job`,
      {
        metadata: { name, namespace, ...meta, annotations: { 'pulumi.com/replaceUnready': 'true' } },
        spec: {
          backoffLimit: RETRIES,
          activeDeadlineSeconds: deadline,
          // A Job cannot be changed: another subject is another Job, under the same name.
          template: { metadata: { ...meta, annotations: { [SUBJECT]: args.subject } }, spec: podSpec(args) },
        },
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        replaceOnChanges: ['spec'],
        customTimeouts: { create: `${deadline + 15}s` },
      },
    );
    this.registerOutputs();
  }
}

function check(name: string, { url, tls, user, namespace }: SmokeArgs): void {
  const problems = new Problems();
  problems.require(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(url), {
    where: 'url',
    found: shown(url),
    wanted: 'http:// or https://, a host and perhaps a port',
  });
  problems.require(tls === undefined || url.startsWith('https:'), {
    where: 'tls',
    found: `an authority for ${url}`,
    wanted: 'one only where the URL is https',
  });
  problems.require(user.password.namespace === namespace, {
    where: 'user.password.namespace',
    found: shown(user.password.namespace),
    wanted: `${namespace}, since a pod reads Secrets of its own namespace only`,
  });
  problems.throwIfAny(`Smoke "${name}"`);
}

function podSpec(args: SmokeArgs) {
  const { bars, user, tls, host } = args;
  const plain = {
    SMOKE_COMPANIES: `${args.companies}`,
    SMOKE_CONCURRENT_MS: `${bars.concurrent}`,
    SMOKE_HEALTH_MS: `${bars.health}`,
    SMOKE_LIST_MS: `${bars.list}`,
    SMOKE_RATE_LIMIT: `${args.rateLimit}`,
    SMOKE_TICKER_MS: `${bars.ticker}`,
    SMOKE_URL: args.url,
    SMOKE_USER: user.name,
    ...(host !== undefined && { SMOKE_HOST: host }),
    ...(tls && { SMOKE_CA_FILE: `${CA_FOLDER}/ca.crt` }),
  };
  const password = { name: user.password.name, key: user.password.key };
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(args.image.uid),
    containers: [
      {
        name: 'smoke',
        image: args.image.reference,
        imagePullPolicy: 'IfNotPresent',
        args: ['smoke'],
        env: [
          ...Object.entries(plain).map(([name, value]) => ({ name, value })),
          { name: 'SMOKE_PASSWORD', valueFrom: { secretKeyRef: password } },
        ],
        resources: resources(args.cpu, args.memory),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: tls ? [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }] : [],
      },
    ],
    volumes: tls
      ? [
          {
            name: 'ca',
            secret: { secretName: tls.secretName, defaultMode: 0o444, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
          },
        ]
      : [],
  };
}
