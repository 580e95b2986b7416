/** The API and its workers: what runs, how many, who may do what. */
import { absent, atLeast, counted, every, inside, rows, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];
const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers[name=api]`;

export const API: readonly Row[] = [
  ...rows(
    BOTH,
    'Deployment api-blue',
    ['A-TOPO-2, A-TOPO-3, D-K8S-1, D-K8S-2, E-TOPO-2', 'spec.selector.matchLabels["app.kubernetes.io/name"]', 'api'],
    ['A-TOPO-1, E-TOPO-2', `${CONTAINER}.image`, every(/corporate-intel-api:1\.0\.0(@sha256:[0-9a-f]{64})?$/)],
    ['A-PORT-1', `${CONTAINER}.ports[name=http].containerPort`, 8000],
    ['D-K8S-2', `${POD}.initContainers`, counted(1)],
    ['D-K8S-2', `${CONTAINER}.readinessProbe.httpGet.path`, every(/^\//)],
    ['D-K8S-2', `${CONTAINER}.livenessProbe`, counted(1)],
    ['D-K8S-6', `${POD}.serviceAccountName`, 'api'],
    ['D-K8S-7', `${POD}.securityContext.runAsNonRoot`, true],
    ['D-K8S-7', `${CONTAINER}.securityContext.readOnlyRootFilesystem`, true],
    ['D-K8S-7', `${POD}.initContainers.*.securityContext.readOnlyRootFilesystem`, true],
    ['D-K8S-7', `${CONTAINER}.resources.limits.memory`, counted(1)],
    ['D-DEP-1', 'spec.strategy.type', 'RollingUpdate'],
    ['D-DEP-1', 'spec.strategy.rollingUpdate.maxUnavailable', 0],
    ['E-TOPO-5', `${CONTAINER}.imagePullPolicy`, 'IfNotPresent'],
  ),
  ...rows(
    'staging',
    'Deployment api-blue',
    ['D-RES-1', `${CONTAINER}.resources.limits.cpu`, '200m'],
    ['D-RES-1', `${CONTAINER}.resources.requests.cpu`, '200m'],
    ['D-RES-1', `${CONTAINER}.resources.limits.memory`, '384Mi'],
    ['D-RES-1', `${CONTAINER}.resources.requests.memory`, '384Mi'],
  ),
  ...rows(
    'production',
    'Deployment api-blue',
    ['D-RES-2', `${CONTAINER}.resources.requests.cpu`, '500m'],
    ['D-RES-2', `${CONTAINER}.resources.limits.cpu`, every(/^(2|2000m)$/)],
    ['D-RES-2', `${CONTAINER}.resources.requests.memory`, '1Gi'],
    ['D-RES-2', `${CONTAINER}.resources.limits.memory`, '4Gi'],
  ),
  ...rows(
    BOTH,
    'Deployment api-blue',
    ['D-K8S-8', `${POD}.topologySpreadConstraints.*.topologyKey`, some('kubernetes.io/hostname')],
    ['D-K8S-8', `${POD}.topologySpreadConstraints.*.topologyKey`, some('topology.kubernetes.io/zone')],
    ['D-K8S-10', `${CONTAINER}.startupProbe.periodSeconds`, atLeast(1)],
  ),
  ...rows(BOTH, 'Service api', ['D-K8S-3', 'spec', inside], ['A-PORT-1', 'spec.ports.*.port', 8000]),
  ...rows(BOTH, 'Service api-members', ['D-K8S-3', 'spec.clusterIP', 'None']),
  ...rows(BOTH, 'Service *', ['D-K8S-3, A-TOPO-7', 'spec.type', some('LoadBalancer')]),
  ...rows(BOTH, 'ServiceAccount api', ['D-K8S-6', 'automountServiceAccountToken', false]),
  ...rows(
    BOTH,
    'Role *',
    ['D-K8S-6', 'rules', counted(1)],
    ['D-K8S-6', 'rules.*.verbs', { text: 'no wildcard', holds: (found) => !found.flat().includes('*') }],
  ),
  ...rows(BOTH, 'PodDisruptionBudget api', ['D-K8S-9, D-OK-3', 'spec.maxUnavailable', counted(1)]),
  ...rows(
    BOTH,
    'HorizontalPodAutoscaler api-blue',
    ['D-HPA-3', 'spec.metrics.*.resource[name=cpu].name', absent],
    ['D-HPA-3', 'spec.metrics.*.resource.name', some('cpu')],
    ['D-HPA-3', 'spec.metrics.*.resource.name', some('memory')],
    ['D-HPA-3', 'spec.metrics.*.resource.target.averageUtilization', some(70)],
    ['D-HPA-3', 'spec.metrics.*.resource.target.averageUtilization', some(80)],
    ['D-HPA-3', 'spec.metrics.*.*.target.*', some(/^1000$/)],
    ['D-HPA-3', 'spec.behavior.scaleDown.stabilizationWindowSeconds', atLeast(60)],
  ),
  ...rows(
    'staging',
    'HorizontalPodAutoscaler api-blue',
    ['D-HPA-1, D-HPA-2, A-TOPO-6', 'spec.minReplicas', 3],
    ['D-HPA-2, D-HPA-4', 'spec.maxReplicas', 10],
  ),
  ...rows(
    'production',
    'HorizontalPodAutoscaler api-blue',
    ['D-HPA-1, D-HPA-2, D-HPA-4', 'spec.minReplicas', 5],
    ['D-HPA-2, D-HPA-4', 'spec.maxReplicas', 50],
  ),
  ...rows(
    'production',
    'VerticalPodAutoscaler *',
    ['D-HPA-5', 'spec.updatePolicy.updateMode', 'Off'],
    ['D-HPA-5', 'spec.targetRef.name', some('api-blue')],
  ),
  ...rows('production', 'ScaledObject *', ['D-HPA-5, D-HELM-7', 'spec.triggers.*.type', some('rabbitmq')]),
  ...rows('production', 'Deployment worker', ['D-HELM-7, D-HPA-5', `${POD}.containers.*.args.*`, some('worker')]),
];
