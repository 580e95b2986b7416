/** What a service is, wherever it runs: written once, and read by its Kubernetes form and by its Docker form. */
import type { CpuRange, Image } from './pods.ts';
import { CONTAINER_SECURITY, resources } from './pods.ts';
import { bytes, seconds, type Bytes, type Duration } from './quantity.ts';

/** How a service is asked whether it is well. */
export interface HealthFacts {
  /** What is run inside the container; exit code 0 means well. Kubernetes asks over HTTP instead where {@link http} is given. */
  readonly command: readonly string[];
  /** The same question over HTTP: a path, and the name of one of the service's ports. */
  readonly http?: { readonly path: string; readonly port: string };
  /** @default '10s' (ours) */
  readonly interval?: Duration;
  /** @default '5s' (ours) */
  readonly timeout?: Duration;
  /** Wrong answers in a row until it counts as unwell. @default 3 (ours) */
  readonly retries?: number;
  /** In which wrong answers do not count. @default '30s' (ours) */
  readonly startPeriod?: Duration;
}

/** The facts of one service. Nothing here is a secret, and nothing says where it runs. */
export interface ServiceFacts {
  /** Its name: of the container, of its Service, and what others reach it by. */
  readonly name: string;
  readonly image: Image;
  /** Instead of the image's own entry point. */
  readonly entrypoint?: readonly string[];
  /** Instead of the image's own arguments. */
  readonly command?: readonly string[];
  /** TCP ports by name; none for one that only calls others. */
  readonly ports: Readonly<Record<string, number>>;
  readonly health?: HealthFacts;
  /** Environment variables that are no secrets, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly cpu: CpuRange;
  /** What it may take; above it the kernel ends it. */
  readonly memory: Bytes;
  /** Folders of its own that it writes to and may lose, with what they may hold: memory on both hosts. */
  readonly scratch?: Readonly<Record<string, Bytes>>;
  /** How long it may take to end after it was asked to. @default '30s' (ours) */
  readonly stopGrace?: Duration;
}

/** {@link HealthFacts} with nothing left out. */
export const patienceOf = ({ interval = '10s', timeout = '5s', retries = 3, startPeriod = '30s' }: HealthFacts) => ({
  interval,
  timeout,
  retries,
  startPeriod,
});

/**
 * The Kubernetes form: the container of a pod template, without its secrets and its volumes. A pod is taken out of its Service
 * after as many wrong answers as Docker counts, and restarted after twice as many.
 */
export function podContainer(facts: ServiceFacts) {
  const { name, image, entrypoint, command, ports, health, settings = {}, scratch = {} } = facts;
  return {
    name,
    image: image.reference,
    ...(entrypoint !== undefined && { command: [...entrypoint] }),
    ...(command !== undefined && { args: [...command] }),
    ports: Object.entries(ports).map(([portName, containerPort]) => ({ name: portName, containerPort })),
    env: Object.entries(settings).map(([variable, value]) => ({ name: variable, value })),
    resources: resources(facts.cpu, facts.memory),
    securityContext: CONTAINER_SECURITY,
    ...(health !== undefined && podProbes(health)),
    volumeMounts: Object.keys(scratch).map((mountPath, at) => ({ name: `scratch-${at}`, mountPath })),
  };
}

/** The volumes that {@link podContainer} mounts for `scratch`. */
export const scratchVolumes = ({ scratch = {} }: ServiceFacts) =>
  Object.values(scratch).map((sizeLimit, at) => ({
    name: `scratch-${at}`,
    emptyDir: { medium: 'Memory', sizeLimit: `${bytes(sizeLimit)}` },
  }));

function podProbes(health: HealthFacts) {
  const { interval, timeout, retries, startPeriod } = patienceOf(health);
  const action = health.http ? { httpGet: { ...health.http } } : { exec: { command: [...health.command] } };
  const every = { ...action, periodSeconds: seconds(interval), timeoutSeconds: seconds(timeout) };
  return {
    startupProbe: {
      ...{ ...action, periodSeconds: 2, timeoutSeconds: seconds(timeout) },
      failureThreshold: Math.max(1, Math.ceil(seconds(startPeriod) / 2)) + retries,
    },
    readinessProbe: { ...every, failureThreshold: retries },
    livenessProbe: { ...every, failureThreshold: 2 * retries },
  };
}
