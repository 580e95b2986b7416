/** What has to fit on one Docker host. */
import type { Problems } from '../../../components/core/index.ts';
import { tune } from '../../../components/postgres/docker.ts';
import type { Rule } from '../system.ts';
import type { Settings } from '../systems/standalone.ts';
import { checkProtection } from './protect.ts';
import { checkMemory } from './redis.ts';
import { checkBucketNames } from './buckets.ts';
import { checkDockerHost, sshPort } from './docker-host.ts';

/** In the order in which their messages appear. */
export const RULES: readonly Rule<Settings>[] = [
  checkDockerHost,
  checkProtection,
  checkConnections,
  checkMemory,
  checkBucketNames,
  checkPorts,
  checkApi,
];

function checkConnections({ postgres: database, api: served }: Settings, problems: Problems): void {
  const { memory, maxConnections, reservedConnections } = database;
  // While versions change, the old one and the new one hold theirs.
  const needed = 2 * (served.pool.size + served.pool.overflow) + reservedConnections;
  const { mostConnections } = tune(memory, maxConnections);
  problems.require(maxConnections >= needed && maxConnections <= mostConnections, {
    where: 'postgres.maxConnections',
    found: `${maxConnections}`,
    wanted:
      `at least ${needed}, 2 × (api.pool.size ${served.pool.size} + api.pool.overflow ${served.pool.overflow}) + ` +
      `postgres.reservedConnections ${reservedConnections}, and at most ${mostConnections}, which is what postgres.memory "${memory}" has room for`,
  });
}

function checkPorts({ docker, network: { http, https } }: Settings, problems: Problems): void {
  problems.require(http !== https, {
    where: 'network.https',
    found: `${https}`,
    wanted: 'another port than network.http',
  });
  for (const [where, port] of Object.entries({ 'network.http': http, 'network.https': https })) {
    problems.require(port !== sshPort(docker.address), {
      where,
      found: `${port}`,
      wanted: 'another port than that of SSH',
    });
  }
}

function checkApi(
  { api: served, stack: { environment } }: Settings,
  problems: Problems,
  given: ReadonlySet<string>,
): void {
  const faults = Object.keys(served.extraEnvironment);
  problems.require(environment !== 'production' || faults.length === 0, {
    where: 'api.extraEnvironment',
    found: faults.join(', '),
    wanted: 'no faults in production',
  });
  problems.require(served.processes <= served.pool.size, {
    where: 'api.processes',
    found: `${served.processes}`,
    wanted: `at most api.pool.size, which is ${served.pool.size}`,
  });
  const missing = ['alphaVantageApiKey', 'newsApiKey'].filter((key) => !given.has(key));
  problems.require(served.externalSources === 'off' || missing.length === 0, {
    where: 'api.externalSources',
    found: '"on"',
    wanted: `"off" while ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    remedy: missing.map((key) => `run \`pulumi config set --secret ${key}\``).join(' and '),
  });
}
