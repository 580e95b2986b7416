/** What has to fit in the Architect Dashboard API. */
import { milliseconds, type Problems } from '../../../components/core/index.ts';
import { tune } from '../../../components/postgres/index.ts';
import type { Rule } from '../system.ts';
import type { Settings } from '../systems/architect.ts';
import { checkProtection } from './protect.ts';
import { checkMemory } from './redis.ts';
import { checkAws } from './aws.ts';
import { requireBalancers } from './balancer.ts';
import { requireNames } from './names.ts';
import { requireOrder } from './order.ts';
import { checkRole } from './secrets.ts';

/** In the order in which their messages appear. */
export const RULES: readonly Rule<Settings>[] = [
  checkProtection,
  checkAws,
  checkDatabaseTls,
  checkProcessorTime,
  checkConnections,
  checkMemory,
  checkBalancer,
  checkKept,
  checkRelease,
];

/** B's address of the database says `sslmode=require` (B-ENV-5, CONF-33). */
function checkDatabaseTls({ stack, postgres }: Settings, problems: Problems): void {
  problems.require(postgres.requireTls || stack.environment === 'local', {
    where: 'postgres.requireTls',
    found: 'false',
    wanted: `true while stack.environment is "${stack.environment}"`,
  });
}

function checkProcessorTime({ postgres, redis, api, smoke }: Settings, problems: Problems): void {
  for (const [name, { cpu }] of Object.entries({ postgres, redis, api, smoke })) {
    requireOrder(`${name}.cpu`, cpu, problems);
  }
}

/** During a release there is one instance more, and each may hold all of its connections (B-ENV-6). */
function checkConnections({ postgres, api }: Settings, problems: Problems): void {
  const { maxConnections, reservedConnections, memory, pooler } = postgres;
  const needed = (api.replicas + 1) * api.connections.max + reservedConnections;
  const { mostConnections } = tune(memory, maxConnections);
  problems.require(maxConnections >= needed, {
    where: 'postgres.maxConnections',
    found: `${maxConnections}`,
    wanted: `at least ${needed}: (api.replicas ${api.replicas} + 1) × api.connections.max ${api.connections.max} + postgres.reservedConnections ${reservedConnections}`,
  });
  problems.require(maxConnections <= mostConnections, {
    where: 'postgres.maxConnections',
    found: `${maxConnections}`,
    wanted: `at most ${mostConnections}, which is what postgres.memory "${memory}" has room for`,
  });
  problems.require(api.connections.idle <= api.connections.max, {
    where: 'api.connections.idle',
    found: `${api.connections.idle}`,
    wanted: `at most api.connections.max, which is ${api.connections.max}`,
  });
  problems.require(pooler === undefined, {
    where: 'postgres.pooler',
    found: 'a pooler',
    wanted: 'none: B connects to the server itself',
  });
}

/** A session's cookie that is marked "secure" comes back over TLS alone, and TLS ends at the load balancer. */
function checkBalancer(settings: Settings, problems: Problems): void {
  const { stack, api, aws } = settings;
  const [, , , region, account] = api.balancer?.certificateArn.split(':') ?? [];
  const own = aws === undefined || api.balancer === undefined || (region === aws.region && account === aws.account);
  problems.require(own, {
    where: 'api.balancer.certificateArn',
    found: `"${api.balancer?.certificateArn}"`,
    wanted: `a certificate in aws.region "${aws?.region}" of aws.account "${aws?.account}": a load balancer shows no other`,
  });
  problems.require(api.balancer !== undefined || stack.environment === 'local', {
    where: 'api.balancer',
    found: 'nothing',
    wanted: `the load balancer with its certificate while stack.environment is "${stack.environment}"`,
  });
  requireBalancers(settings, api.balancer === undefined ? undefined : 'api.balancer', problems);
  const balanced = { asked: api.balancer !== undefined, where: 'api.balancer' };
  requireNames(settings, { 'network.apiHost': settings.network.apiHost }, balanced, problems);
}

function checkKept({ stack, aws, kept }: Settings, problems: Problems): void {
  checkRole('kept.aws.role', kept.aws, aws !== undefined, problems);
  problems.require(kept.source === 'external' || stack.environment === 'local', {
    where: 'kept.source',
    found: '"generated"',
    wanted: `"external" while stack.environment is "${stack.environment}": made-up tokens open nothing`,
  });
  const described = (['aws', 'vault'] as const).filter((manager) => kept[manager] !== undefined);
  problems.require(kept.source === 'generated' || described.length === 1, {
    where: 'kept',
    found: described.length === 0 ? 'no manager' : 'kept.aws and kept.vault',
    wanted: 'one of kept.aws and kept.vault, because kept.source is "external"',
  });
}

function checkRelease({ release }: Settings, problems: Problems): void {
  const { strategy, window, candidate, soak, ready, deadline } = release;
  // Each window may be held once, for as long as RULES says.
  const windows = [soak, ...(strategy === 'rolling' ? [] : [candidate, window])];
  const needed = milliseconds(ready) + windows.reduce((sum, one) => sum + milliseconds(one) + HOLD, 0);
  problems.require(milliseconds(deadline) > needed, {
    where: 'release.deadline',
    found: `"${deadline}"`,
    wanted: `more than the ${needed / 1000} s that release.ready, release.candidate, release.window and release.soak may take together, each window held once`,
  });
}

/** Milliseconds that an undecided window is held. */
const HOLD = 30_000;
