/** Rules that two or more settings share. Each message names every setting it weighs. */
import { bytes, milliCpu, milliseconds, type CpuRange, type Problems } from '../../components/core/index.ts';
import { tune } from '../../components/postgres/index.ts';
import type { Settings } from './schema.ts';

/** Notes every rule that the settings break. */
export function checkRules(settings: Settings, problems: Problems): void {
  checkProcessorTime(settings, problems);
  checkConnections(settings, problems);
  checkMemory(settings, problems);
  checkBuckets(settings, problems);
  checkExposure(settings, problems);
  checkGates(settings, problems);
  const faults = Object.keys(settings.api.extraEnvironment);
  problems.require(settings.stack.environment !== 'production' || faults.length === 0, {
    where: 'api.extraEnvironment',
    found: faults.join(', '),
    wanted: 'nothing while stack.environment is "production"',
  });
}

function checkProcessorTime({ postgres, redis, minio, api }: Settings, problems: Problems): void {
  const ranges: Record<string, CpuRange> = { postgres: postgres.cpu, redis: redis.cpu, minio: minio.cpu, api: api.cpu };
  for (const [name, { request, limit }] of Object.entries(ranges)) {
    problems.require(milliCpu(request) <= milliCpu(limit), {
      where: `${name}.cpu.request`,
      found: `"${request}"`,
      wanted: `at most ${name}.cpu.limit, which is "${limit}"`,
    });
  }
}

function checkConnections({ api, postgres }: Settings, problems: Problems): void {
  const { pool, replicas } = api;
  const { memory, maxConnections, reservedConnections } = postgres;
  // During a rollout one pod more than `replicas` holds its connections.
  const needed = (replicas + 1) * (pool.size + pool.overflow) + reservedConnections;
  const { mostConnections } = tune(memory, maxConnections);
  if (needed > maxConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted:
        `at least ${needed}: (api.replicas ${replicas} + 1 while rolling) × ` +
        `(api.pool.size ${pool.size} + api.pool.overflow ${pool.overflow}) + postgres.reservedConnections ${reservedConnections}`,
    });
  } else if (maxConnections > mostConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted: `at most ${mostConnections}, which is what postgres.memory "${memory}" has room for`,
    });
  }
}

function checkMemory({ redis }: Settings, problems: Problems): void {
  problems.require(bytes(redis.maxMemory) * 4 <= bytes(redis.memory) * 3, {
    where: 'redis.maxMemory',
    found: `"${redis.maxMemory}"`,
    wanted: `at most three quarters of redis.memory, which is "${redis.memory}"`,
  });
}

function checkBuckets({ minio }: Settings, problems: Problems): void {
  const { documents, reports } = minio.buckets;
  problems.require(documents.name !== reports.name, {
    where: 'minio.buckets.reports.name',
    found: `"${reports.name}"`,
    wanted: 'another name than minio.buckets.documents.name',
  });
  for (const [name, { anonymousDownload }] of Object.entries(minio.buckets)) {
    problems.require(minio.allowAnonymous || !anonymousDownload, {
      where: `minio.buckets.${name}.anonymousDownload`,
      found: 'true',
      wanted: 'false while minio.allowAnonymous is false',
    });
  }
}

function checkExposure({ api }: Settings, problems: Problems): void {
  const { kind, port } = api.exposure;
  problems.require(kind !== 'nodePort' || (port >= 30000 && port <= 32767), {
    where: 'api.exposure.port',
    found: `${port}`,
    wanted: 'a port from 30000 to 32767 while api.exposure.kind is "nodePort"',
  });
}

/** PostgreSQL, Redis and MinIO, one pod each. */
const DATA_PODS = 3;

function checkGates({ api, gates }: Settings, problems: Problems): void {
  problems.require(gates.healthy.atLeast <= DATA_PODS + api.replicas, {
    where: 'gates.healthy.atLeast',
    found: `${gates.healthy.atLeast}`,
    wanted: `at most ${DATA_PODS + api.replicas}: three pods of data and api.replicas ${api.replicas}`,
  });
  for (const [name, { interval, deadline }] of Object.entries({
    database: gates.database,
    endpoint: gates.endpoint,
    healthy: gates.healthy,
  })) {
    problems.require(milliseconds(interval) < milliseconds(deadline), {
      where: `gates.${name}.interval`,
      found: `"${interval}"`,
      wanted: `less than gates.${name}.deadline, which is "${deadline}"`,
    });
  }
}
