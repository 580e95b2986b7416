/** What the stacks rely on and a cluster may have already. */
import * as k from '../kinds.ts';
import { comfort, defaulted } from '../setting.ts';
import { ours } from './common.ts';

/** Turning one to `present` takes its programs away and leaves its kinds and their objects to who serves them then. */
const provision = (what: string, from: string) =>
  defaulted(k.choice('present', 'install'), 'present', {
    means: `Whether ${what} is installed, in a namespace of its own, or is there already wherever it is asked for.`,
    from,
  });

/** What turns Services into load balancers of AWS: in both systems the same. */
export const loadBalancerController = defaulted(k.choice('none', 'present', 'install'), 'none', {
  means:
    'Whether the AWS Load Balancer Controller is installed, in a namespace of its own and with its role, which needs `aws`; is there already; or is nowhere, and no load balancer of AWS can be asked for.',
  from: 'A-TOPO-7, B-TOPO-1, D-K8S-11, GAP-17',
});

export const addons = comfort({
  certManager: provision('cert-manager', 'D-K8S-11'),
  keda: provision('KEDA', 'D-HPA-5'),
  verticalPodAutoscaler: provision("the VerticalPodAutoscaler's recommender", 'D-HPA-5'),
  prometheusAdapter: provision('prometheus-adapter', 'D-HPA-3'),
  externalSecrets: provision('the External Secrets Operator', 'D-K8S-5'),
  loadBalancerController,
  size: comfort({
    replicas: defaulted(k.whole(1, 5), 1, {
      means: 'Pods of each program of the add-ons. One works; the others take over, and answer for webhooks meanwhile.',
      from: ours,
    }),
    cpu: comfort({
      request: defaulted(k.cpu('5m', '4'), '20m', { means: 'Processor time reserved for each pod.', from: ours }),
      limit: defaulted(k.cpu('50m', '8'), '500m', {
        means: 'Processor time above which a pod is throttled.',
        from: ours,
      }),
    }),
    memory: defaulted(k.size('64Mi', '8Gi'), '192Mi', { means: 'Memory of each pod, reserved and limit.', from: ours }),
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long a program of an add-on may take to become ready.',
    from: ours,
  }),
});
