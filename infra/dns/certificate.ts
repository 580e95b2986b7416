/** A certificate that AWS renews by itself, as long as its proof stays in the zone. */
import type * as pulumi from '@pulumi/pulumi';
import { Certificate as AcmCertificate } from '@pulumi/aws/acm/certificate.js';
import { CertificateValidation } from '@pulumi/aws/acm/certificateValidation.js';
import { Record } from '@pulumi/aws/route53/record.js';
import { PlatformComponent, Problems } from '../../components/core/index.ts';
import { named } from '../account/index.ts';
import { HOST, within, type Zone } from './zone.ts';

export interface CertificateArgs {
  readonly zone: Zone;
  /** The names it is for, the first one in front; a `*.` in front stands for one label. */
  readonly hosts: readonly string[];
}

/** How long resolvers may remember a proof. It never changes, but it may be missed when it is first asked for. */
const TTL = 60;

/**
 * A certificate for load balancers (A-TLS-1, D-TLS-1, CONF-37), proven by records in the zone. It never leaves AWS: what ends
 * TLS inside a cluster has cert-manager's.
 *
 * Cost: none. Other names are another certificate: the new one is there and in use before the old one goes.
 */
export class Certificate extends PlatformComponent {
  /** Known once the certificate has been issued: what uses it waits for that. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { zone, hosts } = args;
    super('platform:host:Certificate', name, { hosts: [...hosts] }, options);
    const child = { parent: this };
    const [domainName, ...others] = hosts;
    const certificate = new AcmCertificate(
      `${name}-certificate`,
      {
        domainName: domainName!,
        subjectAlternativeNames: others.toSorted(),
        validationMethod: 'DNS',
        // What every kind of load balancer takes.
        keyAlgorithm: 'RSA_2048',
        options: { certificateTransparencyLoggingPreference: 'ENABLED' },
        tags: named(domainName!),
      },
      child,
    );
    // Which records is known before what is in them, so each is a resource of the plan and none is made inside an `apply`.
    const proofs = proven(hosts).map((host) => {
      const option = certificate.domainValidationOptions.apply((all) => {
        const found = all.find(({ domainName }) => bare(domainName) === host);
        if (!found) throw new Error(`AWS asks for no proof of ${host}: ${all.map((one) => one.domainName).join(', ')}`);
        return found;
      });
      return new Record(
        `${name}-proof-${host}`,
        {
          zoneId: zone.zoneId,
          name: option.resourceRecordName,
          type: option.resourceRecordType,
          records: [option.resourceRecordValue],
          ttl: TTL,
          // An account has one proof for a name, whatever the number of its certificates: another stack's is the same.
          allowOverwrite: true,
        },
        child,
      );
    });
    this.arn = new CertificateValidation(
      `${name}-issued`,
      { certificateArn: certificate.arn, validationRecordFqdns: proofs.map(({ fqdn }) => fqdn) },
      child,
    ).certificateArn;
    this.registerOutputs({ arn: this.arn });
  }
}

const bare = (host: string): string => host.replace(/^\*\./, '');

/** The names that need a proof: `*.a` and `a` have the same. */
export const proven = (hosts: readonly string[]): string[] => [...new Set(hosts.map(bare))].toSorted();

function check(name: string, { zone, hosts }: CertificateArgs): void {
  const problems = new Problems();
  problems.require(hosts.length > 0 && new Set(hosts).size === hosts.length, {
    where: 'CertificateArgs.hosts',
    found: JSON.stringify(hosts),
    wanted: 'at least one name, and none twice',
  });
  for (const host of hosts) {
    problems.require(HOST.test(bare(host)) && within(zone, bare(host)), {
      where: 'CertificateArgs.hosts',
      found: JSON.stringify(host),
      wanted: `a name of the zone ${zone.domain}`,
    });
  }
  problems.throwIfAny(`Certificate "${name}"`);
}
