/** The pod of the edge: nginx alone, on a root nobody writes to. Pure. */
import {
  apart,
  CONTAINER_SECURITY,
  podSecurity,
  resources,
  seconds,
  type Bytes,
  type CpuRange,
  type Duration,
  type Image,
} from '../core/index.ts';
import { FOLDERS, PORTS } from './place.ts';

export interface PodSettings {
  readonly image: Image;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
  /** How long a leaving pod goes on serving new connections: until every load balancer has noticed. */
  readonly drain: Duration;
  /** The label set that finds pods of this edge. */
  readonly selector: Record<string, string>;
  /** The name of the ConfigMap. */
  readonly configuration: string;
  /** The Secrets with certificates; each may come later. */
  readonly certificates: readonly string[];
  /** The Secrets with the authorities of upstreams. nginx reads them at its start, so they must be there. */
  readonly authorities: readonly string[];
}

/** What a connection may take to end by itself once the pod has stopped listening; nginx closes what is left then. */
const LAST_REQUESTS = 35;

const health = { httpGet: { path: '/healthz', port: 'health' } };

export const podSpec = (name: string, settings: PodSettings) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(settings.image.uid),
  terminationGracePeriodSeconds: seconds(settings.drain) + LAST_REQUESTS,
  ...apart(settings.selector, true),
  containers: [
    {
      name: 'nginx',
      image: settings.image.reference,
      imagePullPolicy: 'IfNotPresent',
      // Past the image's own start, which would write a configuration of its own. `-e`: what goes wrong before the
      // configuration is read.
      command: ['nginx', '-e', '/dev/stderr', '-c', `${FOLDERS.configuration}/nginx.conf`, '-g', 'daemon off;'],
      ports: Object.entries(PORTS).map(([port, containerPort]) => ({ name: port, containerPort })),
      resources: resources(settings.cpu, settings.memory),
      securityContext: CONTAINER_SECURITY,
      // It starts in under a second, or not at all; a start that fails says why in its log (GAP-2, ours).
      startupProbe: { ...health, timeoutSeconds: 5, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { ...health, timeoutSeconds: 5, periodSeconds: 5, failureThreshold: 3 },
      livenessProbe: { ...health, timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 6 },
      lifecycle: { preStop: { sleep: { seconds: seconds(settings.drain) } } },
      volumeMounts: [
        { name: 'configuration', mountPath: FOLDERS.configuration, readOnly: true },
        { name: 'tmp', mountPath: '/tmp' },
        ...mounts('certificate', FOLDERS.certificates, settings.certificates),
        ...mounts('authority', FOLDERS.authorities, settings.authorities),
      ],
    },
  ],
  volumes: [
    { name: 'configuration', configMap: { name: settings.configuration } },
    // Bodies on their way to an upstream.
    { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
    // The issuer needs the edge to prove the host, before there is a certificate.
    ...secrets('certificate', settings.certificates, ['tls.crt', 'tls.key'], true),
    ...secrets('authority', settings.authorities, ['ca.crt'], false),
  ],
});

const mounts = (name: string, folder: string, names: readonly string[]) =>
  names.map((secret, index) => ({ name: `${name}-${index}`, mountPath: `${folder}/${secret}`, readOnly: true }));

const secrets = (name: string, names: readonly string[], keys: readonly string[], optional: boolean) =>
  names.map((secretName, index) => ({
    name: `${name}-${index}`,
    secret: { secretName, optional, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) },
  }));
