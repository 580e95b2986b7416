/**
 * What the three programs of cert-manager are told and may do. Pure. Their files are the ones that `--config` of the
 * public images reads; what is not stated here has cert-manager's own default.
 */
import { dnsLabel } from '../../../components/core/index.ts';
import type { Connections, Place, Surroundings } from '../connections.ts';
import type { Rights } from '../rights.ts';

/** Ports of the pods. */
export const PORTS = {
  metrics: 9402,
  controllerHealth: 9403,
  webhook: 10250,
  webhookHealth: 6080,
  solver: 8089,
} as const;

/** Names of programs and objects, from the name of the add-on. */
export const namesOf = (name: string) => ({
  controller: dnsLabel(name, 'controller'),
  webhook: dnsLabel(name, 'webhook'),
  cainjector: dnsLabel(name, 'cainjector'),
  /** The Secret with the authority that the webhook makes for itself. */
  authority: dnsLabel(name, 'webhook-ca'),
});

/** Fixed by cert-manager. */
const LEASES = {
  controller: 'cert-manager-controller',
  cainjector: 'cert-manager-cainjector-leader-election',
} as const;

/** Only what the platform's Issuers and Certificates need: no shims for Ingress and Gateway, no other authorities. */
const CONTROLLERS = [
  ...['issuers', 'orders', 'challenges'],
  ...['trigger', 'key-manager', 'request-manager', 'issuing', 'readiness', 'revision-manager', 'metrics'].map(
    (part) => `certificates-${part}`,
  ),
  ...['approver', 'issuer-acme', 'issuer-ca', 'issuer-selfsigned'].map((part) => `certificaterequests-${part}`),
];

/** JSON is YAML, and its text does not depend on a printer's version. */
const file = (value: object): Record<string, string> => ({ 'config.yaml': `${JSON.stringify(value, null, 2)}\n` });

const alone = (namespace: string) => ({ enabled: true, namespace });

export interface Scope {
  /** The namespace of the programs. */
  readonly namespace: string;
  /** The namespace whose Issuers and Certificates are served; nothing of any other is ever read. */
  readonly serves: string;
}

export const controllerConfig = ({ namespace, serves }: Scope, solver: string): Record<string, string> =>
  file({
    apiVersion: 'controller.config.cert-manager.io/v1alpha1',
    kind: 'ControllerConfiguration',
    namespace: serves,
    leaderElectionConfig: alone(namespace),
    controllers: CONTROLLERS,
    metricsListenAddress: `0.0.0.0:${PORTS.metrics}`,
    healthzListenAddress: `0.0.0.0:${PORTS.controllerHealth}`,
    acmeHTTP01Config: { solverImage: solver },
  });

export const webhookConfig = (name: string, { namespace }: Scope): Record<string, string> => {
  const { webhook, authority } = namesOf(name);
  const dnsNames = [webhook, `${webhook}.${namespace}`, `${webhook}.${namespace}.svc`];
  return file({
    apiVersion: 'webhook.config.cert-manager.io/v1alpha1',
    kind: 'WebhookConfiguration',
    securePort: PORTS.webhook,
    healthzPort: PORTS.webhookHealth,
    metricsListenAddress: `0.0.0.0:${PORTS.metrics}`,
    tlsConfig: { dynamic: { secretNamespace: namespace, secretName: authority, dnsNames } },
  });
};

export const cainjectorConfig = ({ namespace }: Scope): Record<string, string> =>
  file({
    apiVersion: 'cainjector.config.cert-manager.io/v1alpha1',
    kind: 'CAInjectorConfiguration',
    namespace,
    leaderElectionConfig: alone(namespace),
    enableDataSourceConfig: { certificates: false },
    enableInjectableConfig: {
      mutatingWebhookConfigurations: true,
      validatingWebhookConfigurations: true,
      customResourceDefinitions: false,
      apiServices: false,
    },
    metricsListenAddress: `0.0.0.0:${PORTS.metrics}`,
  });

const READ = ['get', 'list', 'watch'];
const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]) => ({
  apiGroups,
  resources,
  verbs,
  ...(resourceNames && { resourceNames }),
});
const events = rule([''], ['events'], ['create', 'patch']);
/** A lease is made once by anybody of the account, and then only the one by that name. */
const lease = (name: string) => [
  rule(['coordination.k8s.io'], ['leases'], ['create']),
  rule(['coordination.k8s.io'], ['leases'], ['get', 'update', 'patch'], [name]),
];

/** @param tokensOf accounts in the served namespace whose tokens prove to a cloud who asks (DNS-01) */
export const controllerRights = ({ namespace, serves }: Scope, tokensOf: readonly string[]): Rights[] => [
  // The right to approve is asked for in the whole cluster, by the name of the kind and namespace.
  {
    in: 'cluster',
    rules: [rule(['cert-manager.io'], ['signers'], ['approve'], ['issuers.cert-manager.io/*'])],
  },
  { in: { namespace }, rules: [...lease(LEASES.controller), events] },
  {
    in: { namespace: serves },
    rules: [
      rule(['cert-manager.io'], ['issuers', 'certificates'], READ),
      rule(['cert-manager.io'], ['certificaterequests'], [...READ, 'create', 'update', 'patch', 'delete']),
      rule(['acme.cert-manager.io'], ['orders', 'challenges'], [...READ, 'create', 'update', 'patch', 'delete']),
      rule(
        ['cert-manager.io'],
        ['issuers/status', 'certificates/status', 'certificaterequests/status'],
        ['update', 'patch'],
      ),
      rule(['acme.cert-manager.io'], ['orders/status', 'challenges/status'], ['update', 'patch']),
      // An owner that must not go before what it owns may be named only by who may set that on it.
      rule(['cert-manager.io'], ['issuers/finalizers', 'certificates/finalizers'], ['update']),
      rule(['cert-manager.io'], ['certificaterequests/finalizers'], ['update']),
      rule(['acme.cert-manager.io'], ['orders/finalizers', 'challenges/finalizers'], ['update']),
      // Keys and certificates: their names are in the Certificates, so the rule cannot name them.
      rule([''], ['secrets'], [...READ, 'create', 'update', 'patch', 'delete']),
      // The solver of HTTP-01.
      rule([''], ['pods', 'services'], [...READ, 'create', 'delete']),
      rule(['networking.k8s.io'], ['ingresses'], [...READ, 'create', 'update', 'delete']),
      events,
      ...(tokensOf.length > 0 ? [rule([''], ['serviceaccounts/token'], ['create'], [...tokensOf])] : []),
    ],
  },
];

export const webhookRights = (name: string, { namespace }: Scope): Rights[] => [
  // Who made a CertificateRequest, and may who approves it: asked of the API server.
  { in: 'cluster', rules: [rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create'])] },
  {
    in: { namespace },
    rules: [
      rule([''], ['secrets'], ['create']),
      rule([''], ['secrets'], [...READ, 'update'], [namesOf(name).authority]),
    ],
  },
];

export const cainjectorRights = (name: string, { namespace }: Scope): Rights[] => {
  const kinds = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];
  return [
    {
      in: 'cluster',
      rules: [
        rule(['admissionregistration.k8s.io'], kinds, READ),
        rule(['admissionregistration.k8s.io'], kinds, ['update', 'patch'], [namesOf(name).webhook]),
      ],
    },
    {
      in: { namespace },
      rules: [rule([''], ['secrets'], READ), ...lease(LEASES.cainjector), events],
    },
  ];
};

/** The pods of one of the programs, seen from the add-on's namespace. */
const pods = (instance: string): Place => ({
  pods: { 'app.kubernetes.io/name': 'cert-manager', 'app.kubernetes.io/instance': instance },
});

export interface CertManagerSurroundings extends Surroundings {
  /** Where the platform's edge listens: whether it answers a challenge is looked at before the server is asked to. */
  readonly edge?: { readonly place: Place; readonly port: number };
  /**
   * Addresses of ACME servers, cloud APIs and public names (443 and 80). A public ACME server has no fixed ones, so this
   * is `0.0.0.0/0` where it is used. Empty: certificates of the platform's own authority only.
   */
  readonly outside: readonly string[];
}

/** Whom cert-manager talks to. */
export function certManagerConnections(name: string, around: CertManagerSurroundings): Connections {
  const { apiServer, dns, edge, outside } = around;
  const programs = ['controller', 'webhook', 'cainjector'] as const;
  const names = namesOf(name);
  return {
    places: {
      ...Object.fromEntries(programs.map((program) => [program, pods(names[program])])),
      'api-server': { cidrs: apiServer.cidrs },
      dns,
      ...(edge && { edge: edge.place }),
      ...(outside.length > 0 && { outside: { cidrs: outside } }),
    },
    edges: [
      ...programs.map((from) => ({ from, to: 'api-server', port: apiServer.port })),
      { from: 'api-server', to: 'webhook', port: PORTS.webhook },
      { from: 'controller', to: 'dns', port: 53, protocols: ['TCP', 'UDP'] },
      ...(edge ? [{ from: 'controller', to: 'edge', port: edge.port }] : []),
      ...(outside.length > 0 ? [443, 80].map((port) => ({ from: 'controller', to: 'outside', port })) : []),
    ],
  };
}
