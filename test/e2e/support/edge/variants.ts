/** The configuration for every setting that changes it, for nginx itself to judge. */
import { nginxConf } from '../../../../components/edge/nginx.ts';
import type { NginxSettings } from '../../../../components/edge/place.ts';
import type { Site } from '../../../../components/edge/settings.ts';

const SITE: Site = {
  ...{ host: 'api.trial.test', upstream: { service: 'api', port: 8000 } },
  ...{ inspected: true, streaming: false, maxBody: '1Mi', answerWithin: '20s' },
};

const PLAIN: NginxSettings = {
  namespace: 'default',
  sites: [SITE],
  clientAddress: { from: 'connection' },
  rateLimit: { perSecond: 10, burst: 0 },
  cores: '100m',
  resolver: 'kube-dns.kube-system.svc.cluster.local',
  publicHttps: 443,
};

const SETTINGS: Readonly<Record<string, Partial<NginxSettings>>> = {
  'one host in the clear': {},
  'a burst, two workers': { rateLimit: { perSecond: 5, burst: 7 }, cores: '2500m' },
  'the PROXY protocol': {
    clientAddress: { from: 'proxyProtocol', trusted: ['10.0.0.0/8', '172.16.0.0/12'] },
    sites: [{ ...SITE, tls: { secretName: 'trial-tls' } }],
  },
  'a trusted proxy': { clientAddress: { from: 'forwardedFor', trusted: ['10.0.0.0/8'] } },
  'an upstream with two sides': {
    // Names that nginx finds whatever runs.
    sites: [
      { ...SITE, upstream: { ...SITE.upstream, sides: { blue: 'localhost', green: '127.0.0.1', split: 'api-split' } } },
    ],
  },
  'a firewall that only writes': { firewall: { mode: 'detect', paranoia: 4, threshold: 100 } },
  'three hosts': {
    sites: [
      { ...SITE, tls: { secretName: 'one' }, cors: { origins: ['https://b.test', 'http://a.test:3000'] } },
      {
        ...SITE,
        host: 'files.trial.test',
        tls: { secretName: 'two' },
        inspected: false,
        streaming: true,
        maxBody: '1Ti',
      },
      {
        ...{ ...SITE, host: 'watch.trial.test', upstream: { service: 'nobody', port: 3000, late: true } },
        contentSecurityPolicy: "default-src 'self'; img-src 'self' data:",
      },
    ],
  },
};

export const variants = (): Record<string, string> =>
  Object.fromEntries(Object.entries(SETTINGS).map(([name, change]) => [name, nginxConf({ ...PLAIN, ...change })]));
