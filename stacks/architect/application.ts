/** The API, with everything it is told (B-ENV-1..29). */
import { getStack, type Resource } from '@pulumi/pulumi';
import { Architect, type ArchitectReleases, type ArchitectSettings } from '../../components/architect/index.ts';
import { milliseconds } from '../../components/core/index.ts';
import type { Redis } from '../../components/redis/index.ts';
import { REPORTS, RULES } from '../../components/release/index.ts';
import type { Database } from './database.ts';
import type { Kept } from './kept.ts';
import { NAME, type ArchitectSite } from './site.ts';

interface Stores extends Database {
  readonly redis: Redis;
  readonly kept: Kept;
  /** What makes its load balancer. */
  readonly way: readonly Resource[];
}

/** @param migrated keeps a copy of the data and makes the schema what the new version wants, once the API is at rest */
export function application(
  site: ArchitectSite,
  stores: Stores,
  migrated: NonNullable<ArchitectReleases['between']>,
): Architect {
  const { settings, common, provider, image } = site;
  const { api: wanted, network, stack } = settings;
  const { postgres, redis, kept } = stores;
  const awaited = settings.addons.loadBalancerController === 'install';
  return new Architect(
    NAME,
    {
      ...{ ...common, version: stack.version, image, awsRoleArn: wanted.awsRoleArn },
      ...{ replicas: wanted.replicas, cpu: wanted.cpu, memory: wanted.memory },
      exposure: { clients: network.clients, aws: wanted.balancer && { ...wanted.balancer, awaited } },
      settings: toldTo(site, stores),
      secrets: { postgresPassword: postgres.password, redisPassword: redis.password },
      ...{ kept: kept.told, releases: releases(site, migrated) },
    },
    { provider, dependsOn: [postgres, redis, ...stores.ready, ...kept.ready, ...stores.way] },
  );
}

const toldTo = ({ settings }: ArchitectSite, { connection, redis }: Stores): ArchitectSettings => ({
  ...settings.api,
  environment: settings.stack.environment,
  postgres: connection,
  redis: { host: 'redis', port: redis.port },
});

/** How versions come to their traffic, as the stack says. */
function releases(
  { settings, cluster, images }: ArchitectSite,
  between: NonNullable<ArchitectReleases['between']>,
): ArchitectReleases {
  const { strategy, window, attempt, tolerance, approvals: roles, backups: _kept, ...timing } = settings.release;
  const stack = getStack();
  return {
    ...{ cluster, timing, attempt, between, runner: { image: images.node } },
    way: { strategy, window },
    reports: { folder: REPORTS, stack },
    ...(roles && { approvals: { folder: 'approvals', stack, roles } }),
    analysis: { latency: { ...RULES.latency!, tolerance: milliseconds(tolerance) } },
  };
}
