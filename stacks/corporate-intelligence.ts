/**
 * The Corporate Intelligence Platform (systems A, D and E), from top to bottom: what runs, who may talk to whom, and what
 * has to be proven before the next thing starts (A-DEP-2). Each part is a file of `corporate-intelligence/`.
 */
import { application } from './corporate-intelligence/application.ts';
import { cache } from './corporate-intelligence/cache.ts';
import { database } from './corporate-intelligence/database.ts';
import { buckets, documents } from './corporate-intelligence/documents.ts';
import { fenced } from './corporate-intelligence/fence.ts';
import { prove } from './corporate-intelligence/proof.ts';
import { migrated } from './corporate-intelligence/schema.ts';
import { openSite, type Site } from './corporate-intelligence/site.ts';
import { smoked } from './corporate-intelligence/smoke.ts';
import type { Stores } from './corporate-intelligence/application.ts';
import type { Api } from '../components/api/index.ts';
import type { Configuration } from './config/load.ts';
import { CONTRACT_VERSION, endpoint, verdicts, type Outputs } from './outputs.ts';

export function corporateIntelligence(configuration: Configuration): Outputs {
  const site = openSite(configuration);
  const guard = fenced(site);

  // The database alone, its schema, and then what else keeps data.
  const data = database(site, guard);
  const schema = migrated(site, data);
  const redis = cache(site, schema.ready);
  const minio = documents(site, schema.ready);
  const stores: Stores = { ...data, redis, minio };

  // What answers, and what proves that it does.
  const api = application(site, stores);
  const healthy = site.gates.healthy('healthy', [data.postgres, redis, minio, api], [api]);
  const filled = buckets(site, minio, healthy);
  const tried = smoked(site, schema, api, { url: `http://api:${api.port}` }, filled);
  prove(site, stores, api, [...filled, ...tried]);

  return published(site, stores, api);
}

function published({ settings, common, gates, image }: Site, { postgres, redis, minio }: Stores, api: Api): Outputs {
  const { stack, network, api: wanted } = settings;
  const { documents: papers, reports } = settings.minio.buckets;
  const { exposure } = wanted;
  const inside = (scheme: string, name: string, port: number) =>
    endpoint(scheme, `${name}.${common.namespace}.svc`, port);
  return {
    contractVersion: CONTRACT_VERSION,
    environment: stack.environment,
    namespace: common.namespace,
    endpoints: {
      api: exposure.kind === 'none' ? null : endpoint('http', network.apiHost, exposure.port),
      apiInside: inside('http', 'api', api.port),
      postgresInside: inside('postgresql', 'postgres', postgres.port),
      redisInside: inside('redis', 'redis', redis.port),
      minioInside: inside('http', 'minio', minio.port),
    },
    running: { version: stack.version, image: image.reference },
    buckets: { documents: papers.name, reports: reports.name },
    secrets: {
      postgresPassword: postgres.passwordRef,
      redisPassword: redis.passwordRef,
      minioAccessKey: minio.accessKeyRef,
      minioSecretKey: minio.secretKeyRef,
    },
    gates: verdicts(gates.all),
  };
}
