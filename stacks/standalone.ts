/**
 * The Corporate Intelligence Platform on one Docker host (A's and E's topology): thirteen services (E-TOPO-1..4), in the order
 * in which each may begin (A-DEP-2, E-DEP-1). Each part is a file of `standalone/`.
 */
import { application } from './standalone/application.ts';
import { database } from './standalone/database.ts';
import { buckets, documents } from './standalone/documents.ts';
import { front } from './standalone/front.ts';
import { cache } from './standalone/cache.ts';
import { openHost, type Host } from './standalone/host.ts';
import { watched } from './standalone/monitoring.ts';
import { proven } from './standalone/proof.ts';
import { migrated } from './standalone/schema.ts';
import type { Configuration } from './config/load.ts';
import { CONTRACT_VERSION, endpoint, verdicts } from './outputs.ts';

export function standalone(configuration: Configuration<'standalone'>) {
  const host = openHost(configuration);

  // Infrastructure: the database alone, and then what else keeps data.
  const data = database(host);
  const redis = cache(host, data.ready);
  const minio = documents(host, data.ready);
  const stores = { ...data, redis, minio };

  // What answers, with its schema before it, and the way in from outside.
  const schema = migrated(host, stores);
  const api = application(host, stores, schema);
  const way = front(host, api, [...api.ready, ...minio.ready]);
  const filled = buckets(host, minio, way.ready);

  // What watches it, and what proves that it is all there.
  const watching = watched(host, stores, way.ready);
  proven(host, { nginx: way, redis, watching }, [...filled, ...watching.ready, ...way.ready]);

  return published(host);
}

/** The contract of a stack on a Docker host: the endpoints of the other one's names, and containers in place of a namespace. */
function published({ settings, gates, containers }: Host) {
  const { stack, network, edge, minio, api } = settings;
  const scheme = edge.certificates === undefined ? 'http' : 'https';
  const outside = (name: string | undefined) =>
    name === undefined ? null : endpoint(scheme, name, scheme === 'http' ? network.http : network.https);
  const { documents: papers, reports } = minio.buckets;
  return {
    contractVersion: CONTRACT_VERSION,
    environment: stack.environment,
    endpoints: {
      api: outside(network.apiHost),
      storage: outside(network.storageHost),
      monitoring: outside(network.monitoringHost),
      apiInside: endpoint('http', 'api', api.port),
      postgresInside: endpoint('postgresql', 'postgres', 5432),
      redisInside: endpoint('redis', 'redis', 6379),
      minioInside: endpoint('http', 'minio', 9000),
    },
    running: { version: stack.version, image: `${api.image}:${stack.version}` },
    /** The ids of the thirteen: who is another one after an update was replaced. */
    containers: Object.fromEntries(Object.entries(containers).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    buckets: { documents: papers.name, reports: reports.name },
    gates: verdicts(gates),
  };
}
