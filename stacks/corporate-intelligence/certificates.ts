/** Who has a certificate, and who signs it (A-TLS-1, D-TLS-1, D-ING-2, D-ING-3, E-TLS-1, CONF-32, CONF-33). */
import type { Resource } from '@pulumi/pulumi';
import {
  Acme,
  Authority,
  serviceNames,
  ServerCertificate,
  type IssuerRef,
} from '../../components/certificates/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import { DNS_ACCOUNT } from './addons.ts';
import type { Site } from './site.ts';

/** The Secret that a server of the platform mounts, as its component takes it. */
export interface Tls {
  readonly secretName: string;
}

/** Servers inside, with the Services that clients call them by and the one their members are called under. */
const INSIDE = {
  postgres: { services: ['postgres', 'postgres-read', 'postgres-pooler'], members: 'postgres-members' },
  redis: { services: ['redis'], members: 'redis-members' },
  rabbitmq: { services: ['rabbitmq'], members: 'rabbitmq-members' },
  minio: { services: ['minio'], members: 'minio-members' },
} as const;

export interface InsideCertificates {
  /** By the name of the component. Empty where TLS inside is off. */
  readonly tls: Readonly<Partial<Record<keyof typeof INSIDE, Tls>>>;
  /** Open once all of them are issued. */
  readonly ready: readonly Gate[];
  /** Who else may be signed for, if anybody. */
  readonly authority?: IssuerRef;
}

/** The authority of the namespace, and what it signs. */
export function insideCertificates(
  site: Site,
  servers: readonly (keyof typeof INSIDE)[],
  after: readonly Resource[],
): InsideCertificates {
  const { settings, common, provider, gates } = site;
  const { inside, insideLifetime, edge } = settings.certificates;
  if (!inside && edge !== 'authority') return { tls: {}, ready: [] };
  const { namespace, partOf } = common;
  const authority = new Authority('authority', { namespace, partOf }, { provider, dependsOn: [...after] });
  if (!inside) return { tls: {}, ready: [], authority: authority.issuer };
  const issued = servers.map((server) => {
    const { services, members } = INSIDE[server];
    const certificate = new ServerCertificate(
      `${server}-tls`,
      {
        ...{ namespace, partOf, secretName: `${server}-tls`, issuer: authority.issuer, lifetime: insideLifetime },
        names: serviceNames(namespace, services, members),
        addresses: ['127.0.0.1'],
        client: true,
      },
      { provider, dependsOn: authority },
    );
    return [server, certificate] as const;
  });
  return {
    tls: Object.fromEntries(issued.map(([server, { secretName }]) => [server, { secretName }])),
    ready: [
      gates.certificates(
        'certificates-inside',
        issued.map(([, certificate]) => certificate),
        { requirement: 'D-TLS-1' },
        [authority],
      ),
    ],
    authority: authority.issuer,
  };
}

/** The Secret that the edge mounts, if it speaks TLS. It is named before it is there: the edge answers challenges first. */
export const edgeTls = ({ settings }: Site): Tls | undefined =>
  settings.certificates.edge === 'none' ? undefined : { secretName: 'edge-tls' };

/**
 * The certificate of the edge's names, and the proof that it is issued.
 *
 * @param after what answers the challenge: the edge, and the add-on that asks
 */
export function edgeCertificate(
  site: Site,
  names: readonly string[],
  inside: InsideCertificates,
  after: readonly Resource[],
): Gate[] {
  const { settings, common, provider, gates } = site;
  const tls = edgeTls(site);
  if (tls === undefined) return [];
  const { namespace, partOf } = common;
  const issuer = settings.certificates.edge === 'acme' ? account(site, after) : inside.authority!;
  const certificate = new ServerCertificate(
    'edge-tls',
    { namespace, partOf, secretName: tls.secretName, names, issuer },
    { provider, dependsOn: [...after] },
  );
  return [gates.certificates('certificate-edge', [certificate], { requirement: 'A-TLS-1, E-TLS-1' }, after)];
}

function account({ settings, common, provider }: Site, after: readonly Resource[]): IssuerRef {
  const { server, email, ingressClass, route53 } = settings.certificates.acme!;
  const { namespace, partOf } = common;
  const solver = route53
    ? ({ kind: 'dns01', ...route53, account: DNS_ACCOUNT } as const)
    : ({ kind: 'http01', ingressClass } as const);
  return new Acme('acme', { namespace, partOf, server, email, solver }, { provider, dependsOn: [...after] }).issuer;
}
