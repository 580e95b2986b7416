/** How many pods there are, decided by the cluster as it goes. */
import type * as pulumi from '@pulumi/pulumi';
import { HorizontalPodAutoscaler } from '@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js';
import { labels, seconds, type Duration, type Identity, type PlatformComponent } from '../core/index.ts';

/** The metric that prometheus-adapter makes of the requests a pod counts. */
export const REQUESTS_METRIC = 'http_requests_per_second';

/** How fast pods go. They come as fast as they are needed; leaving is slow, because a wave is often followed by one. */
export interface ScaleDown {
  /** How long less has to have been enough. @default 5m, Kubernetes' own; ours, GAP-3 */
  readonly calm: Duration;
  /** The largest share of the pods, in percent, that may go within {@link every}; one may always go. Ours, GAP-3. */
  readonly percent: number;
  readonly every: Duration;
}

export interface Scaling {
  /** Pods at the least (D-HPA-2). */
  readonly min: number;
  /** Pods at the most (D-HPA-2). Each one holds its connections to the database. */
  readonly max: number;
  /** Processor time in use, in percent of what is requested, averaged over the pods (D-HPA-3). */
  readonly cpu: number;
  /** Memory in use, in percent of what is requested, averaged over the pods (D-HPA-3). */
  readonly memory: number;
  /**
   * Requests a second and pod (D-HPA-3; that it is per pod is ours, GAP-3). Left out, nobody asks: without an adapter the
   * autoscaler could not read it, and an autoscaler that cannot read one of its metrics never scales down.
   */
  readonly requestsPerSecond?: number | undefined;
  readonly down: ScaleDown;
}

interface Scaled {
  readonly owner: PlatformComponent;
  /** The Deployment's name and the autoscaler's. */
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
}

const used = (resource: string, averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: resource, target: { type: 'Utilization', averageUtilization } },
});

/** Behaviour for an autoscaler of `autoscaling/v2`, ours (GAP-3): up without delay, down after calm and step by step. */
export const behaviour = ({ calm, percent, every }: ScaleDown) => ({
  // Kubernetes' own limits on the way up: doubled, or four more, every 15 s. Stated, so that they show in a plan.
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: seconds(calm),
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: percent, periodSeconds: seconds(every) }],
  },
});

/**
 * The autoscaler of a Deployment that leaves its own number of pods open (D-HPA-1..3).
 *
 * Whichever metric wants the most pods decides. Failure: without metrics-server the number stays as it is.
 */
export const autoscaler = (
  { owner, name, namespace, identity }: Scaled,
  { min, max, cpu, memory, requestsPerSecond, down }: Scaling,
  after: pulumi.Resource,
): HorizontalPodAutoscaler =>
  new HorizontalPodAutoscaler(
    `${name}-autoscaler`,
    {
      // The provider would wait for a metric of every kind, and with it on whoever serves them.
      metadata: { name, namespace, labels: labels(identity), annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: min,
        maxReplicas: max,
        metrics: [
          used('cpu', cpu),
          used('memory', memory),
          ...(requestsPerSecond === undefined
            ? []
            : [
                {
                  type: 'Pods',
                  pods: {
                    metric: { name: REQUESTS_METRIC },
                    target: { type: 'AverageValue', averageValue: `${requestsPerSecond}` },
                  },
                },
              ]),
        ],
        behavior: behaviour(down),
      },
    },
    { parent: owner, dependsOn: after },
  );
