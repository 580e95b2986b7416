/** A certificate that keeps itself: cert-manager issues it, renews it, and changes its key each time. */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import {
  digest,
  labels,
  milliseconds,
  PlatformComponent,
  Problems,
  shown,
  SUBJECT,
  type Duration,
} from '../core/index.ts';
import { API_VERSION, type IssuerRef } from './issuer.ts';
import { lifetime } from './lifetime.ts';

export interface ServerCertificateArgs {
  readonly namespace: string;
  readonly partOf: string;
  /**
   * The Secret to keep it in, of type `kubernetes.io/tls` (`tls.crt`, `tls.key`, and `ca.crt` from an own authority).
   * Another name is another Secret; the old one stays.
   */
  readonly secretName: string;
  /** The names that clients call the server by, at least one. */
  readonly names: readonly string[];
  /** Addresses that clients call it by. No public authority signs these. @default none */
  readonly addresses?: readonly string[];
  readonly issuer: IssuerRef;
  /**
   * How long it lasts, at least an hour. An ACME server decides for itself.
   * @default '90d'
   */
  readonly lifetime?: Duration;
  /**
   * How long before its end it is renewed, at least five minutes.
   * @default a third of what was issued
   */
  readonly renewBefore?: Duration;
  /** Whether its holder also shows it as a client, as members of a cluster do to each other. @default false */
  readonly client?: boolean;
}

/** The shortest that cert-manager takes. */
const LEAST = { lifetime: '1h', renewBefore: '5m' } as const;

/**
 * One Certificate (A-TLS-1, D-TLS-1). Who mounts its Secret sees a renewed one within about a minute and has to read it
 * again.
 *
 * *Failure*: a name that cannot be proven leaves it not ready; the Secret keeps what was issued before.
 */
export class ServerCertificate extends PlatformComponent {
  readonly secretName: string;
  /** Where a gate finds it. */
  readonly certificate: { readonly namespace: string; readonly name: string };
  /** The digest of what is asked for, as it stands on the object. Known once it is there. */
  readonly subject: pulumi.Output<string>;

  constructor(name: string, args: ServerCertificateArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:secrets:ServerCertificate', name, { names: [...args.names] }, options);
    check(name, args);
    const { namespace, partOf, secretName, issuer } = args;
    const spec = {
      secretName,
      dnsNames: args.names.toSorted(),
      ...(args.addresses && args.addresses.length > 0 && { ipAddresses: args.addresses.toSorted() }),
      duration: lifetime(args.lifetime ?? '90d'),
      ...(args.renewBefore !== undefined && { renewBefore: lifetime(args.renewBefore) }),
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      usages: ['digital signature', 'key encipherment', 'server auth', ...(args.client ? ['client auth'] : [])],
      revisionHistoryLimit: 2,
      issuerRef: { ...issuer, group: 'cert-manager.io' },
    };
    const subject = digest(spec);
    const resource = new CustomResource(
      `${name}-certificate`,
      {
        apiVersion: API_VERSION,
        kind: 'Certificate',
        metadata: {
          name,
          namespace,
          labels: labels({ component: 'certificates', instance: name, partOf }),
          annotations: { [SUBJECT]: subject },
        },
        spec,
      },
      { parent: this },
    );
    this.secretName = secretName;
    this.certificate = { namespace, name };
    this.subject = resource.id.apply(() => subject);
    this.registerOutputs({ subject: this.subject });
  }
}

function check(name: string, { names, lifetime: lasts = '90d', renewBefore }: ServerCertificateArgs): void {
  const problems = new Problems();
  const where = (field: string) => `ServerCertificateArgs.${field}`;
  problems.require(names.length > 0, { where: where('names'), found: 'none', wanted: 'at least one name' });
  problems.require(milliseconds(lasts) >= milliseconds(LEAST.lifetime), {
    where: where('lifetime'),
    found: shown(lasts),
    wanted: `at least ${LEAST.lifetime}`,
  });
  if (renewBefore !== undefined) {
    const [least, most] = [milliseconds(LEAST.renewBefore), milliseconds(lasts)];
    problems.require(milliseconds(renewBefore) >= least && milliseconds(renewBefore) < most, {
      where: where('renewBefore'),
      found: shown(renewBefore),
      wanted: `at least ${LEAST.renewBefore}, and less than the lifetime of ${lasts}`,
    });
  }
  problems.throwIfAny(`ServerCertificate "${name}"`);
}

/**
 * The names of a Service and of the pods behind its governing Service, from the shortest to the longest, with those that a
 * probe inside the pod uses.
 *
 * @param members the governing Service of a StatefulSet, whose pods are called by their own names
 */
export function serviceNames(namespace: string, services: readonly string[], members?: string): string[] {
  const spelled = (service: string) => [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ];
  return [...services.flatMap(spelled), ...(members ? spelled(members).map((name) => `*.${name}`) : []), 'localhost'];
}
