/**
 * An ACME server in the cluster: pebble, which validates for real, over the cluster's own network. It is a guest of a
 * namespace that is closed, so it brings the connections that it needs itself.
 */
import type { KubernetesObject } from '@kubernetes/client-node';

export const PEBBLE = {
  name: 'pebble',
  image: 'ghcr.io/letsencrypt/pebble:2.10.1',
  acme: 14_000,
  management: 15_000,
  /** The Secret with its own certificate, from the authority of the namespace. */
  secretName: 'pebble-tls',
  issuer: 'acme-test',
} as const;

export interface Place {
  /** The platform's, where Issuers, the edge and the solver live. */
  readonly namespace: string;
  /** The namespace of cert-manager. */
  readonly certManager: string;
  /** An Issuer of the namespace that signs pebble's own certificate. */
  readonly authority: string;
  /** Seconds that what it issues is valid. */
  readonly validity: number;
}

const labels = { 'app.kubernetes.io/name': PEBBLE.name, 'app.kubernetes.io/instance': PEBBLE.name };
const EDGE = { 'app.kubernetes.io/name': 'edge', 'app.kubernetes.io/instance': 'edge' };
const SOLVER = { 'acme.cert-manager.io/http01-solver': 'true' };
const CONTROLLER = {
  'app.kubernetes.io/name': 'cert-manager',
  'app.kubernetes.io/instance': 'cert-manager-controller',
};

const configuration = (validity: number) => ({
  pebble: {
    listenAddress: `0.0.0.0:${PEBBLE.acme}`,
    managementListenAddress: `0.0.0.0:${PEBBLE.management}`,
    certificate: '/tls/tls.crt',
    privateKey: '/tls/tls.key',
    // Where a challenge is looked for: what the Service `edge` has for everybody.
    httpPort: 80,
    tlsPort: 443,
    keyAlgorithm: 'ecdsa',
    profiles: { default: { description: 'short-lived', validityPeriod: validity } },
  },
});

/** One allowed connection, as both halves of its policy. */
function edge(
  name: string,
  from: { namespace: string; pods: object },
  to: { namespace: string; pods: object },
  port: number,
) {
  const peer = ({ namespace, pods }: typeof from) => ({
    podSelector: { matchLabels: pods },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  });
  const policy = (own: typeof from, half: 'Egress' | 'Ingress', rule: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `acme-test-${name}-${half.toLowerCase()}`, namespace: own.namespace },
    spec: { podSelector: { matchLabels: own.pods }, policyTypes: [half], ...rule },
  });
  const ports = [{ protocol: 'TCP', port }];
  return [
    policy(from, 'Egress', { egress: [{ to: [peer(to)], ports }] }),
    policy(to, 'Ingress', { ingress: [{ from: [peer(from)], ports }] }),
  ];
}

/** Everything it is made of, in the order in which it can be made. */
export function pebble({ namespace, certManager, authority, validity }: Place): KubernetesObject[] {
  const metadata = { name: PEBBLE.name, namespace };
  const of = (pods: object) => ({ namespace, pods });
  const controller = { namespace: certManager, pods: CONTROLLER };
  const objects = [
    ...edge('controller-to-pebble', controller, of(labels), PEBBLE.acme),
    ...edge('controller-to-edge', controller, of(EDGE), 8080),
    ...edge('pebble-to-edge', of(labels), of(EDGE), 8080),
    ...edge('edge-to-solver', of(EDGE), of(SOLVER), 8089),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'acme-test-pebble-to-dns', namespace },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Egress'],
        egress: [{ ports: [53, 53].map((port, index) => ({ protocol: index === 0 ? 'UDP' : 'TCP', port })) }],
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata,
      spec: {
        secretName: PEBBLE.secretName,
        dnsNames: [`${PEBBLE.name}.${namespace}.svc`],
        issuerRef: { name: authority, kind: 'Issuer' },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'pebble.json': JSON.stringify(configuration(validity)) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'acme', port: PEBBLE.acme }] },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment() },
  ];
  return objects;
}

const deployment = () => ({
  selector: { matchLabels: labels },
  template: {
    metadata: { labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: PEBBLE.name,
          image: PEBBLE.image,
          args: ['-config', '/config/pebble.json'],
          // Without it each validation waits a random while; nonces are refused now and then all the same.
          env: [{ name: 'PEBBLE_VA_NOSLEEP', value: '1' }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          readinessProbe: { tcpSocket: { port: PEBBLE.acme }, periodSeconds: 1 },
          volumeMounts: [
            { name: 'config', mountPath: '/config', readOnly: true },
            { name: 'tls', mountPath: '/tls', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: PEBBLE.name } },
        { name: 'tls', secret: { secretName: PEBBLE.secretName, defaultMode: 0o440 } },
      ],
    },
  },
});

/** The account with it, whose certificate is checked against the authority. */
export const acmeIssuer = ({ namespace }: Place, authority: string): KubernetesObject => {
  const issuer = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { name: PEBBLE.issuer, namespace },
    spec: {
      acme: {
        server: `https://${PEBBLE.name}.${namespace}.svc:${PEBBLE.acme}/dir`,
        email: 'operations@example.com',
        caBundle: Buffer.from(authority).toString('base64'),
        privateKeySecretRef: { name: `${PEBBLE.issuer}-account` },
        solvers: [{ http01: { ingress: { ingressClassName: 'platform-edge' } } }],
      },
    },
  };
  return issuer;
};
