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
import { ACCESS_KEY, splitStart } from './split.ts';

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
  /** The ConfigMaps and Secrets of what is divided; each may come later. */
  readonly splits: readonly string[];
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
  ...(settings.splits.length > 0 && { initContainers: [beforehand(settings)] }),
  containers: [
    {
      name: 'nginx',
      image: settings.image.reference,
      imagePullPolicy: 'IfNotPresent',
      // Past the image's own start, which would write a configuration of its own. `-e`: what goes wrong before the
      // configuration is read.
      command: ['nginx', '-e', '/dev/stderr', '-c', `${FOLDERS.configuration}/nginx.conf`, '-g', 'daemon off;'],
      ports: Object.entries(PORTS)
        .filter(([port]) => port !== 'split' || settings.splits.length > 0)
        .map(([port, containerPort]) => ({ name: port, containerPort })),
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
        ...mounts('split-access', FOLDERS.splitAccess, settings.splits),
        ...splitFiles(settings.splits),
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
    ...secrets('split-access', settings.splits, [ACCESS_KEY], true),
    ...settings.splits.map((name, index) => ({ name: `split-start-${index}`, configMap: { name, optional: true } })),
    // Empty files, some for each split; a container that starts again finds them as they were.
    ...(settings.splits.length > 0 ? [{ name: 'split', emptyDir: { sizeLimit: '4Mi' } }] : []),
  ],
});

const splitFiles = (splits: readonly string[]) =>
  splits.length > 0 ? [{ name: 'split', mountPath: FOLDERS.split }] : [];

/** Gives nginx the shares that hold now. */
const beforehand = ({ image, cpu, memory, splits }: PodSettings) => ({
  name: 'split',
  image: image.reference,
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', splitStart()],
  resources: resources(cpu, memory),
  securityContext: CONTAINER_SECURITY,
  volumeMounts: [...mounts('split-start', FOLDERS.splitStart, splits), ...splitFiles(splits)],
});

const mounts = (name: string, folder: string, names: readonly string[]) =>
  names.map((secret, index) => ({ name: `${name}-${index}`, mountPath: `${folder}/${secret}`, readOnly: true }));

const secrets = (name: string, names: readonly string[], keys: readonly string[], optional: boolean) =>
  names.map((secretName, index) => ({
    name: `${name}-${index}`,
    secret: { secretName, optional, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) },
  }));
