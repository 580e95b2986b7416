/** The certificate of the database: B's address says `sslmode=require` (B-ENV-5, B-MIG-1, CONF-33). */
import type { Resource } from '@pulumi/pulumi';
import { Authority, serviceNames, ServerCertificate } from '../../components/certificates/index.ts';
import type { Gate } from '../../components/gates/index.ts';
import type { ArchitectSite } from './site.ts';

const SECRET = 'postgres-tls';

/** How long it lasts; it is renewed after two thirds of that (ours). */
const LIFETIME = '90d';

export interface DatabaseCertificate {
  readonly tls: { readonly secretName: string } | undefined;
  /** Open once it is issued. */
  readonly ready: readonly Gate[];
}

/** An authority of the namespace, and what it signs. */
export function databaseCertificate(
  { settings, common, provider, gates }: ArchitectSite,
  after: readonly Resource[],
): DatabaseCertificate {
  if (!settings.postgres.requireTls) return { tls: undefined, ready: [] };
  const { namespace, partOf } = common;
  const authority = new Authority('authority', { namespace, partOf }, { provider, dependsOn: [...after] });
  const certificate = new ServerCertificate(
    SECRET,
    {
      ...{ namespace, partOf, secretName: SECRET, issuer: authority.issuer, lifetime: LIFETIME },
      names: serviceNames(namespace, ['postgres', 'postgres-read'], 'postgres-members'),
      addresses: ['127.0.0.1'],
      client: true,
    },
    { provider, dependsOn: authority },
  );
  return {
    tls: { secretName: certificate.secretName },
    ready: [gates.certificates('certificate', [certificate], { requirement: 'B-ENV-5, CONF-33' }, [authority])],
  };
}
