import type { EdgeArgs, Site } from '../../../../../components/edge/index.ts';
import type { NginxSettings } from '../../../../../components/edge/place.ts';

export const API: Site = {
  host: 'api.example.com',
  upstream: { service: 'api', port: 8000 },
  tls: { secretName: 'edge-tls' },
  cors: { origins: ['https://front.example.com', 'http://localhost:3000'] },
  inspected: true,
  maxBody: '10Mi',
  streaming: false,
  answerWithin: '60s',
};

export const FILES: Site = {
  host: 'files.example.com',
  upstream: { service: 'minio', port: 9000 },
  inspected: false,
  maxBody: '5Gi',
  streaming: true,
  answerWithin: '1500ms',
};

export const NGINX: NginxSettings & { readonly namespace: string } = {
  namespace: 'shop',
  sites: [API, FILES],
  clientAddress: { from: 'connection' },
  rateLimit: { perSecond: 50, burst: 100 },
  firewall: { mode: 'block', paranoia: 1, threshold: 5 },
  cores: '2',
  resolver: 'kube-dns.kube-system.svc.cluster.local',
  publicHttps: 443,
};

export const ARGS: EdgeArgs = {
  ...NGINX,
  partOf: 'shop',
  image: { reference: 'docker.io/owasp/modsecurity-crs:3.3.4-nginx-alpine-202301110601', uid: 101 },
  replicas: 2,
  cpu: { request: '100m', limit: '2' },
  memory: '256Mi',
  exposure: { kind: 'loadBalancer', clients: ['10.0.0.0/8', '0.0.0.0/0'], nlb: { scheme: 'internet-facing' } },
  drain: '15s',
  rolloutDeadline: '180s',
};
