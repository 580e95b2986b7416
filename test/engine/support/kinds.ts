/**
 * Every kind the platform's program uses, each in four forms: as it is first made, after a change that the object can
 * take, after one that only a new object can have, and (where the plugins wait for the kind) one that never gets ready.
 * Plain data, so that the same program can be run by either plugin.
 */

export interface KindCase {
  readonly kind: string;
  readonly apiVersion: string;
  /** The class in `@pulumi/kubernetes`. */
  readonly type: string;
  readonly made: Manifest;
  readonly updated: Manifest;
  readonly replaced: Manifest;
  readonly broken?: Manifest;
}

interface Manifest {
  readonly metadata?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

const PAUSE = 'registry.k8s.io/pause:3.10';
const BUSYBOX = 'docker.io/library/busybox:1.35.0';

const context = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

const pod = (app: string, image = PAUSE, more: Record<string, unknown> = {}) => ({
  metadata: { labels: { app } },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image,
        imagePullPolicy: 'IfNotPresent',
        securityContext: context,
        // Two spellings that the API server does not keep.
        resources: { requests: { cpu: '10m', memory: '1024Ki' }, limits: { cpu: '1000m', memory: '16Mi' } },
        ...more,
      },
    ],
  },
});

const deployment = (app: string, replicas = 1, image = PAUSE) => ({
  spec: { replicas, selector: { matchLabels: { app } }, template: pod(app, image) },
});

const statefulSet = (app: string, serviceName: string, replicas = 1, image = PAUSE) => ({
  spec: {
    replicas,
    serviceName,
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: { app } },
    template: pod(app, image),
  },
});

const job = (script: string, more: Record<string, unknown> = {}) => {
  const template = pod('job', BUSYBOX, { command: ['/bin/sh', '-c', script] });
  return {
    spec: { backoffLimit: 0, ...more, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
  };
};

const edge = (port: number) => ({
  spec: {
    podSelector: { matchLabels: { app: 'deployment' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port }] }],
  },
});

const role = (...verbs: string[]) => ({ rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }] });

const binding = (to: string, ...accounts: string[]) => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: to },
  subjects: accounts.map((name) => ({ kind: 'ServiceAccount', name })),
});

const claim = (accessMode: string, labels: Record<string, string>) => ({
  metadata: { labels },
  spec: { accessModes: [accessMode], resources: { requests: { storage: '1024Ki' } } },
});

const service = (app: string, more: Record<string, unknown>) => ({
  spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...more },
});

const named = (name: string, rest: Manifest): Manifest => ({ ...rest, metadata: { ...rest.metadata, name } });

export const KINDS: readonly KindCase[] = [
  {
    kind: 'Namespace',
    apiVersion: 'v1',
    type: 'core.v1.Namespace',
    made: { metadata: { labels: { tier: 'one' } } },
    updated: { metadata: { labels: { tier: 'two' } } },
    replaced: named('another', { metadata: { labels: { tier: 'two' } } }),
  },
  {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    type: 'core.v1.ServiceAccount',
    made: { automountServiceAccountToken: false },
    updated: { automountServiceAccountToken: true },
    replaced: named('another', { automountServiceAccountToken: false }),
  },
  {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    type: 'core.v1.ConfigMap',
    made: { metadata: { labels: { tier: 'one' } }, data: { a: '1', 'b.conf': 'x = 1\n' } },
    updated: { metadata: { labels: { tier: 'two' } }, data: { a: '1', 'b.conf': 'x = 1\n' } },
    replaced: { metadata: { labels: { tier: 'two' } }, data: { a: '2' } },
  },
  {
    kind: 'Secret',
    apiVersion: 'v1',
    type: 'core.v1.Secret',
    made: { stringData: { password: 'not so secret', user: 'u' } },
    updated: { stringData: { password: 'changed' } },
    replaced: { type: 'kubernetes.io/basic-auth', stringData: { password: 'changed', username: 'u' } },
  },
  {
    kind: 'Service',
    apiVersion: 'v1',
    type: 'core.v1.Service',
    made: service('deployment', {}),
    updated: service('deployment', { ports: [{ name: 'http', port: 81, targetPort: 8080 }] }),
    replaced: service('deployment', { clusterIP: 'None' }),
    broken: service('deployment', { type: 'LoadBalancer' }),
  },
  {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    type: 'apps.v1.Deployment',
    made: deployment('deployment'),
    updated: deployment('deployment', 2),
    replaced: deployment('other', 2),
    broken: deployment('deployment', 1, 'example.invalid/none:1'),
  },
  {
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    type: 'apps.v1.StatefulSet',
    made: statefulSet('set', 'one'),
    updated: statefulSet('set', 'one', 2),
    replaced: statefulSet('set', 'two', 1),
    broken: statefulSet('set', 'one', 1, 'example.invalid/none:1'),
  },
  {
    kind: 'Job',
    apiVersion: 'batch/v1',
    type: 'batch.v1.Job',
    made: job('exit 0'),
    updated: job('exit 0', { activeDeadlineSeconds: 300 }),
    replaced: job('true'),
    broken: job('exit 3'),
  },
  {
    kind: 'NetworkPolicy',
    apiVersion: 'networking.k8s.io/v1',
    type: 'networking.v1.NetworkPolicy',
    made: edge(8080),
    updated: edge(8081),
    replaced: named('another', edge(8081)),
  },
  {
    kind: 'Role',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    type: 'rbac.v1.Role',
    made: role('get'),
    updated: role('get', 'list'),
    replaced: named('another', role('get')),
  },
  {
    kind: 'RoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    type: 'rbac.v1.RoleBinding',
    made: binding('role', 'one'),
    updated: binding('role', 'one', 'two'),
    replaced: binding('another', 'two'),
  },
  {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    type: 'core.v1.PersistentVolumeClaim',
    made: claim('ReadWriteOnce', { tier: 'one' }),
    updated: claim('ReadWriteOnce', { tier: 'two' }),
    replaced: claim('ReadWriteOncePod', { tier: 'two' }),
  },
  {
    kind: 'PodDisruptionBudget',
    apiVersion: 'policy/v1',
    type: 'policy.v1.PodDisruptionBudget',
    made: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'deployment' } } } },
    updated: { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'deployment' } } } },
    replaced: named('another', { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'deployment' } } } }),
  },
];

/** The forms of a kind, as the configuration key `test:form` names them. */
export type Form = 'made' | 'updated' | 'replaced' | 'broken';

/** How long a kind that never gets ready is waited for. */
const PATIENCE = '6s';

/**
 * The program's resources by name. What nobody waits for stands twice: as the platform's own provider makes it, by an apply
 * (`upsertExistingObjects`), and as a provider without settings does, by a POST whose fields the first update takes over.
 */
export const OBJECTS: readonly string[] = KINDS.flatMap(({ kind, broken }) =>
  broken ? [kind] : [kind, `${kind}-post`],
);

/** The program over all kinds, in the namespace and form that the configuration names. */
export const program = (): string => `
import * as pulumi from '@pulumi/pulumi';
import * as k8s from '@pulumi/kubernetes';
import * as random from '@pulumi/random';

const config = new pulumi.Config();
const space = config.require('namespace');
const form = config.require('form');
const cases = ${JSON.stringify(KINDS)};

const common = { clusterIdentifier: 'conformance', enableSecretMutable: true };
const provider = new k8s.Provider('cluster', { ...common, upsertExistingObjects: true });
const posting = new k8s.Provider('posting', common);
const namespace = new k8s.core.v1.Namespace('namespace', { metadata: { name: space } }, { provider });
for (const one of cases) {
  const args = one[form];
  if (!args) continue;
  const Kind = one.type.split('.').reduce((at, name) => at[name], k8s);
  const patience = form === 'broken' ? { customTimeouts: { create: '${PATIENCE}', update: '${PATIENCE}' } } : {};
  const make = (suffix, by) => {
    const local = (args.metadata?.name ?? one.kind.toLowerCase()) + suffix;
    const metadata = one.kind === 'Namespace'
      ? { ...args.metadata, name: space + '-' + local }
      : { ...args.metadata, name: local, namespace: namespace.metadata.name };
    new Kind(one.kind + suffix, { ...args, metadata }, { provider: by, ...patience });
  };
  make('', provider);
  if (!one.broken) make('-post', posting);
}
const keepers = { form };
const password = new random.RandomPassword('RandomPassword', { length: 24, special: false, keepers });
const bytes = new random.RandomBytes('RandomBytes', { length: 32, keepers });
export const passwordLength = password.result.apply((text) => text.length);
export const bytesLength = bytes.hex.apply((text) => text.length / 2);
`;
