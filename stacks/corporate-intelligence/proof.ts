/** What has to answer: the health checks, then the smoke tests; and then nothing restarts (A-GATE-*, A-SMOKE-*, A-OK-1). */
import type { Resource } from '@pulumi/pulumi';
import type { Api } from '../../components/api/index.ts';
import { endpointChecks, smokeTests } from '../checks/index.ts';
import type { Part } from '../gates.ts';
import type { Stores } from './application.ts';
import type { Site } from './site.ts';

/** @param parts everything that runs, and is not to restart */
export function prove(
  { settings, gates }: Site,
  stores: Stores,
  api: Api,
  parts: readonly Part[],
  after: readonly Resource[],
): void {
  const { postgres, redis, minio } = stores;
  const { documents, reports } = settings.minio.buckets;
  const checked = [
    ...Object.entries(endpointChecks(settings)).map(([name, ask]) => gates.http(name, api, ask, after)),
    gates.redis('redis-ping', redis, { requirement: 'A-GATE-6', command: 'PING', expect: { reply: 'PONG' } }, after),
    gates.s3('buckets', minio, { requirement: 'A-GATE-7, A-STOR-4', live: true, buckets: [documents, reports] }, after),
  ];
  const smoke = smokeTests(settings);
  const smoked = [
    ...Object.entries(smoke.http).map(([name, ask]) => gates.http(name, api, ask, checked)),
    ...Object.entries(smoke.sql).map(([name, ask]) => gates.sql(name, postgres, ask, checked)),
    ...Object.entries(smoke.redis).map(([name, ask]) => gates.redis(name, redis, ask, checked)),
    ...Object.entries(smoke.s3).map(([name, ask]) => gates.s3(name, minio, ask, checked)),
  ];
  gates.noRestarts('no-restarts', parts, smoked);
}
