/** How many workers there are, decided by how long the queue is: KEDA's two objects. */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { behaviour, type ScaleDown } from '../api/index.ts';
import { labels, seconds, type Duration, type Identity, type PlatformComponent } from '../core/index.ts';

const API = 'keda.sh/v1alpha1';
/** Looks that fail in a row before the number of workers is no longer left where it was. Ours. */
const BLIND = 3;

/** Workers by the length of the queue (D-HPA-5). All numbers are ours: no document states any. */
export interface QueueScaling {
  /** Workers at the least. 0 costs a start, some ten seconds, for the first message of a quiet time. */
  readonly min: number;
  readonly max: number;
  /** Waiting messages for each worker: 20 messages at 5 are four workers. */
  readonly messagesPerWorker: number;
  /** How often the queue is looked at. */
  readonly every: Duration;
  /** How long the queue has to have been empty before the last worker goes, where `min` is 0. */
  readonly cooldown: Duration;
  readonly down: ScaleDown;
}

interface Scaled {
  readonly owner: PlatformComponent;
  /** The Deployment's name. */
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  readonly queue: string;
  /** The Secret whose key `host` is the broker's address, credentials included. */
  readonly broker: string;
  /** The Secret whose `ca.crt` signed the broker's certificate. Left out: the connection is plain. */
  readonly tls?: { readonly secretName: string } | undefined;
}

/**
 * The objects that KEDA reads. It looks at the queue over AMQP, as a client: the management plugin stays closed.
 *
 * Failure: while KEDA cannot see the queue, there are as many workers as before, and at least `min`.
 */
export function scaledObject(
  { owner, name, namespace, identity, queue, broker, tls }: Scaled,
  { min, max, messagesPerWorker, every, cooldown, down }: QueueScaling,
  after: pulumi.Resource[],
): void {
  const metadata = { name, namespace, labels: labels(identity) };
  const secret = (parameter: string, from: string, key: string) => ({ parameter, name: from, key });
  const authentication = new CustomResource(
    `${name}-authentication`,
    {
      apiVersion: API,
      kind: 'TriggerAuthentication',
      metadata,
      spec: {
        secretTargetRef: [
          secret('host', broker, 'host'),
          ...(tls === undefined ? [] : [secret('tls', broker, 'tls'), secret('ca', tls.secretName, 'ca.crt')]),
        ],
      },
    },
    { parent: owner, dependsOn: after },
  );
  new CustomResource(
    `${name}-scaler`,
    {
      apiVersion: API,
      kind: 'ScaledObject',
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicaCount: min,
        maxReplicaCount: max,
        pollingInterval: seconds(every),
        cooldownPeriod: seconds(cooldown),
        fallback: { failureThreshold: BLIND, replicas: Math.max(min, 1), behavior: 'currentReplicasIfHigher' },
        advanced: { horizontalPodAutoscalerConfig: { name, behavior: behaviour(down) } },
        triggers: [
          {
            type: 'rabbitmq',
            metadata: { protocol: 'amqp', mode: 'QueueLength', queueName: queue, value: `${messagesPerWorker}` },
            authenticationRef: { name },
          },
        ],
      },
    },
    { parent: owner, dependsOn: [...after, authentication] },
  );
}
