/**
 * The runner's pod and what it may do. A Deployment of one and no Job: it is there before the first order and after the last,
 * so that a run whose engine and whose pod both die is taken up again by itself, and a replaced side is sent to rest.
 */
import type * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { Role } from '@pulumi/kubernetes/rbac/v1/role.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import {
  canonical,
  CONTAINER_SECURITY,
  contentName,
  labels,
  podSecurity,
  probes,
  resources,
  type CpuRange,
  type Image,
  type MemoryRange,
} from '../core/index.ts';
import { PASSWORD, type Within } from './dividing.ts';
import { runnerPods } from './edges.ts';
import { deploymentName, recordName, runnerName, sidesOf, splitName } from './runner/record.ts';
import type { Traffic } from './runner/traffic.ts';
import { runnerFiles } from './runner-files.ts';

export interface RunnerArgs {
  /** A stock Node from 22.18 on, which runs TypeScript as it is. */
  readonly image: Image;
  /** Idle it asks for one object a second. @default 20m, up to 500m */
  readonly cpu?: CpuRange;
  /** @default 96Mi, up to 192Mi */
  readonly memory?: MemoryRange;
}

interface Divided extends Within {
  readonly traffic: Traffic;
}

const PORT = 8080;

/** Reads and changes these objects, and no others; makes and deletes none; lists pods and endpoints, which have no fixed names. */
const rules = (name: string, traffic: Traffic) => [
  ...[
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [recordName(name), ...(traffic.driver === 'nginx' ? [splitName(name)] : [])],
    },
    { apiGroups: [''], resources: ['services'], resourceNames: [name, ...(traffic.followers ?? [])] },
    ...(traffic.driver === 'gateway'
      ? [{ apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], resourceNames: [traffic.route] }]
      : []),
    {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: sidesOf(traffic.alone).map((side) => deploymentName(name, side, traffic.alone)),
    },
  ].map((these) => ({ ...these, verbs: ['get', 'patch'] })),
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
];

/**
 * @param after the record, and what divides the traffic
 * @returns the runner, ready once it has read the record
 */
export function runner(within: Divided, args: RunnerArgs, after: readonly pulumi.Resource[]): Deployment {
  const { owner, name, namespace, identity, traffic } = within;
  const child = { parent: owner };
  const own = { component: 'release', instance: name, partOf: identity.partOf };
  const metadata = (object: string) => ({ name: object, namespace, labels: labels(own) });
  const called = runnerName(name);

  const account = new ServiceAccount(
    `${name}-runner-account`,
    { metadata: metadata(called), automountServiceAccountToken: false },
    child,
  );
  const role = new Role(`${name}-runner-role`, { metadata: metadata(called), rules: rules(name, traffic) }, child);
  const binding = new RoleBinding(
    `${name}-runner-binding`,
    {
      metadata: metadata(called),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: called },
      subjects: [{ kind: 'ServiceAccount', name: called, namespace }],
    },
    { ...child, dependsOn: [account, role] },
  );
  const data = runnerFiles();
  const codeName = contentName(`${name}-runner-code`, data);
  const code = new ConfigMap(codeName, { metadata: metadata(codeName), immutable: true, data }, child);

  return new Deployment(
    `${name}-runner`,
    {
      metadata: metadata(called),
      spec: {
        replicas: 1,
        // Never two on purpose; where it happens all the same, the fence holds.
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 1,
        selector: { matchLabels: runnerPods(name) },
        template: { metadata: { labels: labels(own) }, spec: podSpec(within, args, { called, codeName }) },
      },
    },
    { ...child, dependsOn: [...after, binding, code] },
  );
}

function podSpec(
  { name, namespace, picked, traffic }: Divided,
  args: RunnerArgs,
  { called, codeName }: Record<string, string>,
) {
  const { image, cpu = { request: '20m', limit: '500m' }, memory = { request: '96Mi', limit: '192Mi' } } = args;
  const asked = { LABELS: JSON.stringify(picked), TRAFFIC: canonical(traffic) };
  const env = { ...asked, NAME: name, NAMESPACE: namespace, PORT: `${PORT}` };
  const divides = traffic.driver === 'nginx';
  const items = [{ key: PASSWORD, path: PASSWORD }];
  return {
    serviceAccountName: called,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: podSecurity(image.uid),
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: 'runner',
        image: image.reference,
        imagePullPolicy: 'IfNotPresent',
        args: ['node', '/code/main.ts'],
        env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        ports: [{ name: 'http', containerPort: PORT }],
        ...probes({ httpGet: { path: '/ready', port: 'http' } }, { httpGet: { path: '/live', port: 'http' } }),
        resources: resources(cpu, memory),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
          { name: 'code', mountPath: '/code', readOnly: true },
          ...(divides ? [{ name: 'access', mountPath: '/access', readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: 'code', configMap: { name: codeName } },
      ...(divides ? [{ name: 'access', secret: { secretName: splitName(name), defaultMode: 0o440, items } }] : []),
    ],
  };
}
