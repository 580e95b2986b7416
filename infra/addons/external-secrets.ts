/** The External Secrets Operator: values of a secrets manager, kept in Kubernetes. Knows nothing of whose they are. */
import type * as pulumi from '@pulumi/pulumi';
import {
  dnsLabel,
  PlatformComponent,
  selector,
  type Duration,
  type Image,
  type Workload,
} from '../../components/core/index.ts';
import type { Connections, Surroundings } from './connections.ts';
import { installCrds } from './crds.ts';
import { program, type Program, type ProgramSize } from './program.ts';
import type { Rights } from './rights.ts';

const ADDON = 'external-secrets';
const PORTS = { metrics: 8080, health: 8082 } as const;

const operatorOf = (name: string): string => dnsLabel(name, 'operator');

export interface ExternalSecretsArgs {
  /** Its own namespace, already there and fenced by {@link externalSecretsConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  /** The only namespace whose SecretStores and ExternalSecrets it serves. Already there. */
  readonly serves: string;
  /** The Secrets there that it keeps. It may make others, and change none but these. */
  readonly keeps: readonly string[];
  /** The accounts there in whose name it signs in to a store. Only of these it can get a token. */
  readonly tokensOf: readonly string[];
  readonly image: Image;
  readonly size: ProgramSize;
  readonly startDeadline: Duration;
}

/**
 * The controller alone, with the kinds (D-K8S-5). The webhook only checks what the API server's schema and the controller
 * check as well, and without it nobody needs the program that makes its certificates.
 *
 * *Cost*: one pod for each replica. *Failure*: Secrets keep the values they have, and new ones are not made. Its destruction
 * leaves the kinds; ExternalSecrets have to go before it, because it ends them itself.
 */
export class ExternalSecrets extends PlatformComponent {
  readonly operator: Program;
  readonly workloads: readonly Workload[];

  constructor(name: string, args: ExternalSecretsArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:ExternalSecrets', name, { namespace: args.namespace, serves: args.serves }, options);
    const { namespace, partOf, image, serves, startDeadline } = args;
    const alive = { httpGet: { path: '/healthz', port: 'health' } };
    this.operator = program(this, operatorOf(name), {
      ...{ ...args.size, namespace, partOf, addon: ADDON, image, startDeadline },
      args: [
        `--namespace=${serves}`,
        // What reaches beyond one namespace, and what writes into a store, is off, and its kinds are not installed.
        ...['cluster-store', 'cluster-external-secret', 'cluster-push-secret', 'push-secret'].map(
          (kind) => `--enable-${kind}-reconciler=false`,
        ),
        '--enable-generator-state=false',
        '--enable-leader-election=true',
        `--metrics-addr=:${PORTS.metrics}`,
        `--live-addr=:${PORTS.health}`,
        ...['--loglevel=info', '--zap-time-encoding=rfc3339'],
      ],
      ports: { metrics: PORTS.metrics, health: PORTS.health },
      rights: rights(args),
      // It has no question of its own for being ready; its measurements are there with its controllers (GAP-2: the numbers
      // are our defaults).
      probes: {
        startupProbe: { ...alive, periodSeconds: 2, failureThreshold: 90 },
        readinessProbe: { httpGet: { path: '/metrics', port: 'metrics' }, periodSeconds: 10, timeoutSeconds: 5 },
        livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
      },
      after: installCrds(this, name, ADDON, partOf),
    });
    this.workloads = [this.operator.workload];
    this.registerOutputs({});
  }
}

const READ = ['get', 'list', 'watch'];

/**
 * In its own namespace who leads; in the one it serves, its objects. It watches the Secrets there, which Kubernetes allows
 * for all of a namespace or for none.
 */
function rights({ namespace, serves, keeps, tokensOf }: ExternalSecretsArgs): Rights[] {
  const group = 'external-secrets.io';
  const events = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] };
  return [
    {
      in: { namespace },
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
        events,
      ],
    },
    {
      in: { namespace: serves },
      rules: [
        { apiGroups: [group], resources: ['secretstores', 'externalsecrets'], verbs: READ },
        // It puts a finalizer on each ExternalSecret.
        { apiGroups: [group], resources: ['externalsecrets', 'externalsecrets/finalizers'], verbs: ['update'] },
        {
          apiGroups: [group],
          resources: ['secretstores/status', 'externalsecrets/status'],
          verbs: ['get', 'update', 'patch'],
        },
        // Its cache is filled at the start, whether there is any or not.
        { apiGroups: ['generators.external-secrets.io'], resources: ['generatorstates'], verbs: READ },
        { apiGroups: [''], resources: ['secrets'], verbs: [...READ, 'create'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: [...keeps], verbs: ['update', 'patch'] },
        { apiGroups: [''], resources: ['serviceaccounts'], verbs: READ },
        { apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [...tokensOf], verbs: ['create'] },
        events,
      ],
    },
  ];
}

export interface ExternalSecretsSurroundings extends Surroundings {
  /** Where the stores answer, and where it signs in to them. */
  readonly stores: readonly { readonly name: string; readonly cidrs: readonly string[]; readonly port: number }[];
}

/** Whom it talks to. Nobody calls it. */
export function externalSecretsConnections(
  name: string,
  { apiServer, dns, stores }: ExternalSecretsSurroundings,
): Connections {
  const operator = operatorOf(name);
  return {
    places: {
      [operator]: { pods: selector({ component: ADDON, instance: operator }) },
      'api-server': { cidrs: apiServer.cidrs },
      dns,
      ...Object.fromEntries(stores.map((store) => [store.name, { cidrs: store.cidrs }])),
    },
    edges: [
      { from: operator, to: 'api-server', port: apiServer.port },
      { from: operator, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
      ...stores.map((store) => ({ from: operator, to: store.name, port: store.port })),
    ],
  };
}
