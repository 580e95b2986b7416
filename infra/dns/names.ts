/** The names that people and machines find a stack under, and who may issue certificates for them. */
import type * as pulumi from '@pulumi/pulumi';
import { Record as Route53Record } from '@pulumi/aws/route53/record.js';
import { PlatformComponent, Problems, seconds, type Duration } from '../../components/core/index.ts';
import { HOST, within, type Zone } from './zone.ts';

/** Where a name leads. */
export type Target =
  | {
      /** Addresses, of a host. */
      readonly to: 'addresses';
      readonly addresses: readonly pulumi.Input<string>[];
    }
  | {
      /** Something of AWS that has a name and a zone itself: a load balancer. It costs no query, and may stand at a zone's top. */
      readonly to: 'alias';
      readonly name: pulumi.Input<string>;
      readonly zoneId: pulumi.Input<string>;
      /** Whether the name stops answering while nothing healthy is behind it. */
      readonly evaluateTargetHealth: boolean;
    }
  | {
      /** Another name. */
      readonly to: 'name';
      readonly name: pulumi.Input<string>;
    };

export interface NamesArgs {
  readonly zone: Zone;
  /** By host, in full (A-DNS-1..4): where it leads. */
  readonly hosts: Readonly<Record<string, Target>>;
  /**
   * How long resolvers may remember it: as long, a change takes to be everywhere.
   * @default '60s' (ours)
   */
  readonly ttl?: Duration;
  /** Who may issue certificates for these hosts: CAA says it to all others. Empty: nothing is said. */
  readonly issuers: readonly Issuer[];
}

/** Amazon's (load balancers) and Let's Encrypt's (cert-manager; D-ING-2, D-TLS-1). */
export type Issuer = 'amazon.com' | 'letsencrypt.org';

/**
 * Records in a zone that exists (A-DNS-1..4, GAP-5 for names that no document states). Each host has its own CAA, and the
 * zone's top is left alone: several stacks share it.
 *
 * Cost: queries. A host that is taken away is gone within `ttl`.
 */
export class Names extends PlatformComponent {
  constructor(name: string, args: NamesArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { zone, issuers, ttl = '60s' } = args;
    const hosts = Object.entries(args.hosts).toSorted(([a], [b]) => (a < b ? -1 : 1));
    super('platform:host:Names', name, { hosts: hosts.map(([host]) => host), issuers: [...issuers] }, options);
    const record = (what: string, host: string, of: ReturnType<typeof content> | ReturnType<typeof authority>) =>
      new Route53Record(`${name}-${what}-${host}`, { zoneId: zone.zoneId, name: host, ...of }, { parent: this });
    for (const [host, target] of hosts) {
      record('host', host, content(target, seconds(ttl)));
      // A name that is another's may have no other record: that one's authority counts.
      if (issuers.length > 0 && target.to !== 'name') record('caa', host, authority(issuers));
    }
    this.registerOutputs({});
  }
}

function content(target: Target, ttl: number) {
  switch (target.to) {
    case 'addresses':
      return { type: 'A', ttl, records: [...target.addresses] };
    case 'alias': {
      const { name, zoneId, evaluateTargetHealth } = target;
      return { type: 'A', aliases: [{ name, zoneId, evaluateTargetHealth }] };
    }
    case 'name':
      return { type: 'CNAME', ttl, records: [target.name] };
  }
}

/** An hour: who may issue does not change in a hurry. No wildcards: nothing here asks for one. */
const authority = (issuers: readonly Issuer[]) => ({
  type: 'CAA',
  ttl: 3600,
  records: [...issuers.toSorted().map((issuer) => `0 issue "${issuer}"`), '0 issuewild ";"'],
});

function check(name: string, { zone, hosts }: NamesArgs): void {
  const problems = new Problems();
  problems.require(/^Z[A-Z0-9]{5,31}$/.test(zone.zoneId), {
    where: 'NamesArgs.zone.zoneId',
    found: JSON.stringify(zone.zoneId),
    wanted: 'the id of a hosted zone, like "Z0123456789ABCDEFGHIJ"',
  });
  for (const [host, target] of Object.entries(hosts)) {
    problems.require(HOST.test(host) && within(zone, host), {
      where: 'NamesArgs.hosts',
      found: JSON.stringify(host),
      wanted: `a name of the zone ${zone.domain}`,
    });
    problems.require(target.to !== 'name' || host !== zone.domain, {
      where: `NamesArgs.hosts.${host}`,
      found: 'another name',
      wanted: 'addresses or an alias',
      remedy: 'the top of a zone has records that a CNAME may not stand beside',
    });
    problems.require(target.to !== 'addresses' || target.addresses.length > 0, {
      where: `NamesArgs.hosts.${host}`,
      found: 'no address',
      wanted: 'at least one',
    });
  }
  problems.throwIfAny(`Names "${name}"`);
}
