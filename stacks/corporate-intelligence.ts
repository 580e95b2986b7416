/**
 * The Corporate Intelligence Platform (systems A, D and E), from top to bottom: what runs, who may talk to whom, and what
 * has to be proven before the next thing starts (A-DEP-2). Each part is a file of `corporate-intelligence/`.
 */
import { certManager, edgeBalancers } from './corporate-intelligence/addons.ts';
import { application, type Stores } from './corporate-intelligence/application.ts';
import { backedUp } from './corporate-intelligence/backup.ts';
import { cache } from './corporate-intelligence/cache.ts';
import { edgeCertificate, insideCertificates } from './corporate-intelligence/certificates.ts';
import { database } from './corporate-intelligence/database.ts';
import { buckets, documents } from './corporate-intelligence/documents.ts';
import { figures } from './corporate-intelligence/figures.ts';
import { fenced } from './corporate-intelligence/fence.ts';
import { front } from './corporate-intelligence/front.ts';
import { prove } from './corporate-intelligence/proof.ts';
import { queue } from './corporate-intelligence/queue.ts';
import { scalers } from './corporate-intelligence/scalers.ts';
import { migrated } from './corporate-intelligence/schema.ts';
import { entryOf, NAME as OUTSIDE_SECRETS, outsideSecrets } from './corporate-intelligence/secrets.ts';
import { openSite, PART_OF, volumeClass, type Site } from './corporate-intelligence/site.ts';
import { smoked } from './corporate-intelligence/smoke.ts';
import type { Api } from '../components/api/index.ts';
import { balancersOf } from './balancers.ts';
import type { GroundArgs } from './aws/ground.ts';
import type { Configuration } from './config/load.ts';
import type { Settings } from './config/systems/corporate-intelligence.ts';
import type { Ground } from './ground.ts';
import { CONTRACT_VERSION, endpoint, verdicts, type Outputs } from './outputs.ts';

/** What the stack makes of AWS for itself; nothing where its cluster is there already. */
export function grounding(settings: Settings): GroundArgs | undefined {
  const { aws, addons, api, cluster, stack, secrets } = settings;
  if (aws === undefined) return undefined;
  const outside = { namespace: stack.namespace, account: OUTSIDE_SECRETS, entries: [entryOf(PART_OF, settings)] };
  return {
    ...{ aws, name: cluster.identifier, partOf: PART_OF, environment: stack.environment, protect: stack.protect },
    ...{ image: api.image, balancers: balancersOf(addons) },
    ...(secrets.source === 'external' && secrets.aws && { outside }),
  };
}

/** @param made the cluster, where the stack makes it itself */
export function corporateIntelligence(configuration: Configuration, made?: Ground): Outputs {
  const site = openSite(configuration, made);
  const guard = fenced(site);

  // What the platform relies on in its cluster, and the certificates inside.
  const signing = certManager(site, guard);
  const inside = insideCertificates(site, servers(site.settings), [guard, ...signing]);
  const ground = [guard, ...volumeClass(site), ...inside.ready];

  // The database alone, and then what else keeps data.
  const data = database(site, inside.tls.postgres, ground);
  const redis = cache(site, data.ready);
  const minio = documents(site, inside.tls.minio, data.ready);
  const rabbitmq = queue(site, inside.tls.rabbitmq, data.ready);
  const stores: Stores = { ...data, redis, minio, rabbitmq, tls: inside.tls };

  const read = figures(site, guard);

  // What answers, with its schema before it, and the way in from outside.
  const { api, worker, schema } = application(
    site,
    stores,
    outsideSecrets(site, guard),
    [...scalers(site, guard), ...(read ? [read] : [])],
    (prepared) => {
      const backup = backedUp(site, data, minio, inside.tls, prepared.next, prepared);
      return migrated(site, data, inside.tls.postgres, backup);
    },
  );
  const way = front(site, [api, ...edgeBalancers(site, guard)]);
  const certified = way ? edgeCertificate(site, way.names, inside, [...way.ready, ...signing]) : [];

  // What proves that it does.
  const parts = [
    ...[data.postgres, ...redis.parts, minio, api],
    ...(data.postgres.pooler ? [data.postgres.pooler] : []),
    ...(rabbitmq ? [rabbitmq] : []),
    ...(worker ? [worker] : []),
    ...(way?.edge ? [way.edge] : []),
    ...(read ? [read] : []),
  ];
  const healthy = site.gates.healthy('healthy', parts, [api, ...certified]);
  const filled = buckets(site, minio, healthy);
  const tried = smoked(site, schema, api, { url: `http://api:${api.port}` }, filled);
  prove(site, stores, api, parts, [...filled, ...tried]);

  return published(site, stores, api);
}

/** What has a certificate where TLS inside is on. Redis has none: its proxies look into what passes. */
const servers = ({ rabbitmq }: Settings) =>
  rabbitmq === undefined ? (['postgres', 'minio'] as const) : (['postgres', 'minio', 'rabbitmq'] as const);

function published({ settings, common, gates, image }: Site, { postgres, redis, minio }: Stores, api: Api): Outputs {
  const { stack } = settings;
  const { documents: papers, reports } = settings.minio.buckets;
  const inside = (scheme: string, name: string, port: number) =>
    endpoint(scheme, `${name}.${common.namespace}.svc`, port);
  return {
    contractVersion: CONTRACT_VERSION,
    environment: stack.environment,
    namespace: common.namespace,
    endpoints: {
      api: entrance(settings),
      apiInside: inside('http', 'api', api.port),
      postgresInside: inside('postgresql', 'postgres', postgres.port),
      redisInside: inside('redis', 'redis', redis.port),
      minioInside: inside(settings.certificates.inside ? 'https' : 'http', 'minio', minio.port),
    },
    running: { version: stack.version, image: image.reference },
    release: api.released.last,
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

/** Where clients come in: by the edge, or else by the API's own Service; null where nobody does. */
function entrance({ network, api, edge, certificates }: Settings): Outputs['endpoints']['api'] {
  const scheme = certificates.edge === 'none' ? 'http' : 'https';
  if (edge.kind === 'none') {
    return api.exposure.kind === 'none' ? null : endpoint('http', network.apiHost, api.exposure.port);
  }
  const own = edge.kind === 'nginx' ? edge.exposure.kind : 'loadBalancer';
  if (own === 'none') return null;
  const usual = scheme === 'https' ? 443 : 80;
  return endpoint(scheme, network.apiHost, own === 'nodePort' ? edge.exposure[scheme] : usual);
}
