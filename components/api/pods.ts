/** The pods that run the API's image: what is the same whether they serve requests or work off a queue. */
import type { types } from '@pulumi/kubernetes';
import {
  apart,
  CONTAINER_SECURITY,
  podSecurity,
  resources,
  selector,
  type CpuRange,
  type Identity,
  type Image,
  type MemoryRange,
} from '../core/index.ts';
import { CA_FOLDER } from './environment.ts';

type Container = types.input.core.v1.Container;

export interface ImagePods {
  /** The account and the Deployment. */
  readonly name: string;
  readonly identity: Identity;
  readonly image: Image;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  /** Names of the ConfigMap and the Secret that hold the environment, and of a Secret beside it that is not ours. */
  readonly environment: { readonly config: string; readonly secret: string; readonly kept?: string | undefined };
  /** The Secret whose `ca.crt` signed what the servers show. Left out: connections are plain. */
  readonly tls?: { readonly secretName: string } | undefined;
  /** What has to answer before the container starts, as the image's command `wait` names it. */
  readonly needs: readonly ('database' | 'redis' | 'broker')[];
  /** Seconds between being asked to stop and being killed. */
  readonly grace: number;
  /** What is the container's own: name, command, port, probes. */
  readonly container: Pick<Container, 'args' | 'lifecycle' | 'livenessProbe' | 'readinessProbe' | 'startupProbe'> & {
    readonly name: string;
    readonly ports: { name: string; containerPort: number }[];
  };
}

/**
 * The spec. Before the container starts, the same image waits until what it needs answers (D-K8S-2): a pod that starts
 * beside its database waits, where it would crash and be started again ever more slowly.
 */
export function imagePods({ name, identity, image, environment, tls, container, ...args }: ImagePods) {
  const common = {
    image: image.reference,
    imagePullPolicy: 'IfNotPresent',
    envFrom: [
      { configMapRef: { name: environment.config } },
      ...[environment.secret, environment.kept].flatMap((name) =>
        name === undefined ? [] : [{ secretRef: { name } }],
      ),
    ],
    // One after the other: the pod reserves the larger of both, so that waiting costs nothing.
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...(tls === undefined ? [] : [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }]),
    ],
  };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(image.uid),
    terminationGracePeriodSeconds: args.grace,
    ...apart(selector(identity), true),
    initContainers: [{ name: 'wait', args: ['wait', ...args.needs], ...common }],
    containers: [{ ...common, ...container }],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      ...(tls === undefined
        ? []
        : [
            {
              name: 'ca',
              // The key beside it is the server's own, and stays out.
              secret: { secretName: tls.secretName, defaultMode: 0o444, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
            },
          ]),
    ],
  };
}
