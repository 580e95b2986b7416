/**
 * The Architect Dashboard API (system B), from top to bottom: what runs, who may talk to whom, and what has to be proven before
 * the next thing starts. Each part is a file of `architect/`; why it is as it is: docs/decisions/architect.md.
 */
import { HTTPS, type Architect } from '../components/architect/index.ts';
import { apiBalancers, certManager } from './architect/addons.ts';
import { application } from './architect/application.ts';
import { cache } from './architect/cache.ts';
import { databaseCertificate } from './architect/certificate.ts';
import { database, type Database } from './architect/database.ts';
import { fenced } from './architect/fence.ts';
import { entryOf, KEPT_NAME, keptSecrets } from './architect/kept.ts';
import { prove } from './architect/proof.ts';
import { migrated } from './architect/schema.ts';
import { openSite, PART_OF, type ArchitectSite } from './architect/site.ts';
import { balancersOf } from './balancers.ts';
import type { GroundArgs } from './aws/ground.ts';
import type { Configuration } from './config/load.ts';
import type { Settings } from './config/systems/architect.ts';
import { volumeClass } from './corporate-intelligence/site.ts';
import type { Ground } from './ground.ts';
import { CONTRACT_VERSION, endpoint, verdicts, type Endpoint, type Outputs, type SecretReference } from './outputs.ts';
import type { Redis } from '../components/redis/index.ts';

/** What other teams may read of a stack of this system. Nothing in it is a secret. */
export interface ArchitectOutputs extends Pick<
  Outputs,
  'contractVersion' | 'environment' | 'namespace' | 'running' | 'release' | 'gates'
> {
  readonly endpoints: {
    /** Where clients come in: the load balancer's name (B-GATE-2, B-TOPO-8). */
    readonly api: Endpoint;
    readonly apiInside: Endpoint;
    readonly postgresInside: Endpoint;
    /** The replica, which only reads (B-TOPO-3). */
    readonly postgresReadInside: Endpoint;
    readonly redisInside: Endpoint;
  };
  /** References only. */
  readonly secrets: { readonly postgresPassword: SecretReference; readonly redisPassword: SecretReference };
}

/** What the stack makes of AWS for itself; nothing where its cluster is there already. */
export function grounding(settings: Settings): GroundArgs | undefined {
  const { aws, addons, api, cluster, stack, kept } = settings;
  if (aws === undefined) return undefined;
  const outside = { namespace: stack.namespace, account: KEPT_NAME, entries: [entryOf(settings)] };
  return {
    ...{ aws, name: cluster.identifier, partOf: PART_OF, environment: stack.environment, protect: stack.protect },
    ...{ image: api.image, balancers: balancersOf(addons) },
    ...(kept.source === 'external' && kept.aws && { outside }),
  };
}

/** @param made the cluster, where the stack makes it itself */
export function architect(configuration: Configuration<'architect'>, made?: Ground): ArchitectOutputs {
  const site = openSite(configuration, made);
  const guard = fenced(site);
  const ground = [guard, ...volumeClass(site)];

  // What encrypts the connections to the database, and what else is told from outside.
  const signing = certManager(site, guard);
  const certificate = databaseCertificate(site, [guard, ...signing]);
  const kept = keptSecrets(site, guard);

  // Primary, replica, and the cluster of the cache.
  const data = database(site, certificate.tls, [...ground, ...certificate.ready]);
  const redis = cache(site, data.ready);

  // What answers, with a copy of the data and the schema before it; and the proof that it does.
  const way = apiBalancers(site, guard);
  const api = application(site, { ...data, redis, kept, way }, (prepared) => migrated(site, data, prepared));
  made?.lead?.([site.settings.network.apiHost], api.released.hostname);
  prove(site, { ...data, redis }, api);

  return published(site, data, redis, api);
}

function published(
  { settings, common, gates, image }: ArchitectSite,
  { postgres }: Database,
  redis: Redis,
  api: Architect,
): ArchitectOutputs {
  const inside = (scheme: string, name: string, port: number) =>
    endpoint(scheme, `${name}.${common.namespace}.svc`, port);
  return {
    contractVersion: CONTRACT_VERSION,
    environment: settings.stack.environment,
    namespace: common.namespace,
    endpoints: {
      api: endpoint(settings.api.balancer ? 'https' : 'http', settings.network.apiHost, HTTPS.port),
      // TLS ends at the load balancer: inside it is plain.
      apiInside: inside('http', 'architect-api', HTTPS.port),
      postgresInside: inside('postgresql', 'postgres', postgres.port),
      postgresReadInside: inside('postgresql', 'postgres-read', postgres.port),
      redisInside: inside('redis', 'redis', redis.port),
    },
    running: { version: settings.stack.version, image: image.reference },
    release: api.released.last,
    secrets: { postgresPassword: postgres.passwordRef, redisPassword: redis.passwordRef },
    gates: verdicts(gates.all),
  };
}
