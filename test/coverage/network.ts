/** Who may reach whom, and what stands between the platform and its clients. */
import { counted, every, rows, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];

export const NETWORK: readonly Row[] = [
  ...rows(
    BOTH,
    'NetworkPolicy deny-all',
    ['D-NET-1, E-SEC-2', 'spec.podSelector', {}],
    ['D-NET-1', 'spec.policyTypes', some('Ingress')],
    ['D-NET-1', 'spec.policyTypes', some('Egress')],
  ),
  ...rows(BOTH, 'NetworkPolicy api-to-postgres*', ['D-NET-1, E-SEC-2', 'spec.podSelector.matchLabels', counted(2)]),
  // Everybody may come to the edge, since Let's Encrypt asks from anywhere: but to nothing else, and to no other port.
  ...rows(BOTH, 'NetworkPolicy clients-to-*', [
    'A-HOST-6',
    'metadata.name',
    every(/^clients-to-edge-(8080|8443)-ingress$/),
  ]),
  ...rows(BOTH, 'Namespace corporate-intel-*', [
    'D-K8S-7, D-RES-5',
    'metadata.labels["pod-security.kubernetes.io/enforce"]',
    'restricted',
  ]),
  ...rows(
    BOTH,
    'Deployment edge',
    ['E-TOPO-2, E-TOPO-5, D-ING-1', 'spec.replicas', counted(1)],
    ['E-TOPO-2', 'spec.template.spec.containers.*.image', some(/nginx|modsecurity/)],
  ),
  ...rows(
    BOTH,
    'Service edge',
    ['A-TOPO-7', 'spec.type', 'LoadBalancer'],
    ['A-HOST-6', 'spec.loadBalancerSourceRanges', counted(1)],
  ),
  ...rows(
    BOTH,
    'ConfigMap edge*',
    ['D-ING-1', 'data.*', some(/limit_req_zone/)],
    ['D-ING-1', 'data.*', some(/access-control-allow-origin/i)],
    ['D-ING-1, D-TLS-1', 'data.*', some(/ssl_certificate /)],
    ['E-HDR-1', 'data.*', some(/Strict-Transport-Security\W+max-age=31536000/i)],
    ['E-HDR-2', 'data.*', some(/X-Frame-Options\W+DENY/i)],
    ['E-HDR-3', 'data.*', some(/X-Content-Type-Options\W+nosniff/i)],
    ['E-HDR-4', 'data.*', some(/Content-Security-Policy\W+default-src 'self'/i)],
  ),
  ...rows(
    'staging',
    'ConfigMap edge*',
    ['A-DNS-1', 'data.*', some(/server_name\s+staging-api\.corporate-intel\.example\.com;/)],
    ['A-DNS-2', 'data.*', some(/server_name\s+staging-storage\.corporate-intel\.example\.com;/)],
    ['A-DNS-3', 'data.*', some(/server_name\s+staging-monitor\.corporate-intel\.example\.com;/)],
    ['A-DNS-4', 'data.*', some(/https:\/\/staging\.corporate-intel\.example\.com/)],
  ),
  ...rows('staging', 'Certificate edge*', [
    'A-TLS-1, A-DNS-1',
    'spec.dnsNames',
    some('staging-api.corporate-intel.example.com'),
  ]),
  ...rows('staging', '*Issuer *', [
    'D-ING-2',
    'spec.acme.server',
    some('https://acme-staging-v02.api.letsencrypt.org/directory'),
  ]),
  ...rows('production', '*Issuer *', [
    'D-TLS-1, E-TLS-1',
    'spec.acme.server',
    some('https://acme-v02.api.letsencrypt.org/directory'),
  ]),
  ...rows('production', 'Certificate edge*', [
    'D-TLS-1, D-ING-3',
    'spec.dnsNames',
    some('api.corporate-intel.example.com'),
  ]),
  ...rows('production', 'Deployment edge', [
    'D-ING-3',
    'spec.template.spec.containers.*.image',
    some(/modsecurity-crs/),
  ]),
  ...rows('production', 'Service edge*', ['E-TLS-1', 'spec.ports.*.port', some(443)]),
];
