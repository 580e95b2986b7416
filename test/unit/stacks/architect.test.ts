/** B's system as its document states it, field by field, and what the stacks of it share. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { parse } from '../../../stacks/config/load.ts';
import { named, secretsIn, type Made } from '../support/mocks.ts';
import { architectOf } from './support/architect.ts';
import { changed, groupsOf, rawOf, type Groups } from './support/raw.ts';

const staging = (): Groups => groupsOf('architect-staging');
const { made, outputs } = await architectOf(staging());

/** The object of a kind and name, as the plan has it. */
function object(kind: string, name: string, of: readonly Made[] = made): any {
  const hits = of.filter(
    ({ type, inputs }) =>
      type.startsWith('kubernetes:') &&
      type.endsWith(`:${kind}`) &&
      (inputs['metadata'] as { name?: string }).name === name,
  );
  assert.equal(hits.length, 1, `${kind} ${name}`);
  return hits[0]!.inputs;
}

/** The template as the release brings it: the Deployment is only declared with it. */
const template = (): any => (named(made, 'architect-api-release').inputs as any).template;
const container = (): any => template().spec.containers[0];

describe('B’s manifest, in staging', () => {
  test('Deployment, Service and container are called architect-api, in namespace architect-staging (B-K8S-1, 2, 4, 8)', () => {
    const { metadata, spec } = object('Deployment', 'architect-api');
    assert.equal(metadata.namespace, 'architect-staging');
    assert.deepEqual([metadata.labels.app, metadata.labels.environment], ['architect-api', 'staging']);
    assert.deepEqual(spec.selector.matchLabels, { app: 'architect-api' });
    const { labels } = template().metadata;
    assert.deepEqual([labels.app, labels.environment], ['architect-api', 'staging']);
    assert.equal(container().name, 'architect-api');
  });

  test('three instances are rolled with one on top and none missing (B-K8S-3, B-TOPO-2)', () => {
    assert.equal((named(made, 'architect-api-release').inputs as any).replicas, 3);
    const { strategy } = object('Deployment', 'architect-api').spec;
    assert.deepEqual(strategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    assert.equal((named(made, 'architect-api-release').inputs as any).strategy, 'rolling');
  });

  test('the container is B’s image on port 8080, called http (B-K8S-4)', () => {
    const { image, imagePullPolicy, ports } = container();
    assert.equal(image, 'staging-registry.example.com/architect-api:3.2.0');
    assert.equal(imagePullPolicy, 'IfNotPresent');
    assert.deepEqual(ports, [{ name: 'http', containerPort: 8080 }]);
  });

  test('both probes ask /health with B’s numbers (B-K8S-5, B-K8S-6)', () => {
    const httpGet = { path: '/health', port: 'http' };
    const { livenessProbe, readinessProbe, startupProbe } = container();
    assert.deepEqual(livenessProbe, { httpGet, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 3 });
    assert.deepEqual(readinessProbe, { httpGet, initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 2 });
    assert.equal(startupProbe, undefined);
  });

  test('resources and security are B’s, and no less (B-RES-1, B-K8S-7)', () => {
    const { resources, securityContext } = container();
    const { requests, limits } = resources;
    assert.deepEqual([requests.memory, requests.cpu, limits.memory, limits.cpu], ['256Mi', '250m', '512Mi', '500m']);
    assert.deepEqual([securityContext.runAsNonRoot, securityContext.readOnlyRootFilesystem], [true, true]);
    assert.deepEqual(
      [securityContext.allowPrivilegeEscalation, securityContext.capabilities],
      [false, { drop: ['ALL'] }],
    );
  });

  test('the Service is a load balancer: 443, called https, to the pods’ http (B-K8S-8, CONF-37)', () => {
    const { spec } = object('Service', 'architect-api');
    assert.equal(spec.type, 'LoadBalancer');
    assert.deepEqual(spec.ports, [{ name: 'https', port: 443, targetPort: 'http' }]);
    assert.deepEqual(spec.selector, { app: 'architect-api' });
    assert.deepEqual(spec.loadBalancerSourceRanges, ['10.0.0.0/16']);
  });

  test('the load balancer is internal, ends TLS with a certificate of ACM, and asks /health (CONF-35, CONF-37, B-GATE-6)', () => {
    const { annotations } = object('Service', 'architect-api').metadata;
    const said = (key: string): string => annotations[`service.beta.kubernetes.io/aws-load-balancer-${key}`];
    assert.deepEqual([said('scheme'), said('type'), said('ssl-ports')], ['internal', 'external', 'https']);
    assert.match(said('ssl-cert'), /^arn:aws:acm:us-east-1:\d{12}:certificate\//);
    assert.deepEqual([said('healthcheck-protocol'), said('healthcheck-path')], ['http', '/health']);
  });
});

describe('B’s environment', () => {
  const secret = (): Record<string, string> => secretsIn(named(made, 'architect-api-secrets'));
  /** What a secrets manager keeps; the program never reads it. */
  const KEPT = ['ENCRYPTION_KEY', 'GITHUB_TOKEN', 'JWT_SECRET', 'SLACK_WEBHOOK_URL', 'SMTP_PASSWORD', 'SMTP_USER'];

  test('it comes from the Secret architect-secrets as a whole, with ENV on the container too (B-SEC-3, B-ENV-3)', () => {
    assert.equal(object('Secret', 'architect-secrets').metadata.namespace, 'architect-staging');
    assert.deepEqual(container().envFrom, [
      { secretRef: { name: 'architect-secrets' } },
      { secretRef: { name: 'architect-kept' } },
    ]);
    assert.deepEqual(container().env, [{ name: 'ENV', value: 'staging' }]);
  });

  test('all 29 variables arrive under their names: 23 in our Secret, six in the one that the manager fills', () => {
    const { spec } = object('ExternalSecret', 'architect-kept');
    const data = spec.data as { secretKey: string; remoteRef: { key: string; property: string } }[];
    assert.deepEqual(data.map(({ secretKey }) => secretKey).toSorted(), KEPT);
    // B-SEC-1, CONF-31: one entry, a field for each.
    for (const { secretKey, remoteRef } of data) {
      assert.deepEqual(remoteRef, { key: 'architect/staging/config', property: secretKey });
    }
    assert.equal(new Set([...Object.keys(secret()), ...KEPT]).size, 29);
    assert.equal(Object.keys(secret()).length, 23);
  });

  test('what B states has B’s value', () => {
    const { DATABASE_URL, REDIS_URL, ...plain } = secret();
    assert.deepEqual(plain, {
      ...{ HOST: '0.0.0.0', PORT: '8080', ENV: 'staging', DEBUG: 'false' },
      ...{ DATABASE_MAX_CONNS: '100', DATABASE_IDLE_CONNS: '10', REDIS_DB: '0', CACHE_TTL: '3600' },
      ...{ SESSION_TIMEOUT: '3600', SESSION_COOKIE_SECURE: 'true', SESSION_COOKIE_HTTPONLY: 'true' },
      ...{ PROMETHEUS_ENABLED: 'true', JAEGER_ENABLED: 'true' },
      JAEGER_ENDPOINT: 'http://staging-jaeger.internal:14268/api/traces',
      ...{ LOG_LEVEL: 'info', LOG_FORMAT: 'json', SMTP_HOST: 'smtp.sendgrid.net', SMTP_PORT: '587' },
      ...{ FEATURE_WEBHOOKS_ENABLED: 'true', FEATURE_INTEGRATIONS_ENABLED: 'true', FEATURE_AUTOPILOT_ENABLED: 'false' },
    });
    assert.equal(
      DATABASE_URL,
      'postgres://architect:generated-postgres-password@postgres:5432/architect_staging?sslmode=require',
    );
    assert.match(REDIS_URL!, /^redis:\/\/:generated-redis-password@redis:6379$/);
  });

  test('no secret stands outside of a Secret', () => {
    for (const { type, name, inputs } of made) {
      if (type.endsWith(':Secret')) continue;
      assert.doesNotMatch(JSON.stringify(inputs), /generated-(postgres|redis|jwt)/, name);
    }
  });

  test('where nobody keeps any, all 29 are in the one Secret, made up', async () => {
    const { made: own } = await architectOf(groupsOf('architect-rehearsal'));
    const all = secretsIn(named(own, 'architect-api-secrets'));
    assert.equal(Object.keys(all).length, 29);
    assert.ok(KEPT.every((name) => all[name]!.startsWith('generated-')));
  });
});

describe('what stands under it', () => {
  test('a primary and one replica, TLS required (B-TOPO-3, CONF-6, CONF-33)', () => {
    assert.equal(object('StatefulSet', 'postgres').spec.replicas, 2);
    const text = JSON.stringify(made.filter(({ name }) => name.startsWith('postgres')).map(({ inputs }) => inputs));
    assert.match(text, /hostssl all all all scram-sha-256/);
    assert.equal(outputs.endpoints.postgresReadInside.host, 'postgres-read.architect-staging.svc');
  });

  test('Redis is a cluster of three with append-only files (B-TOPO-4, CONF-4)', () => {
    assert.equal(object('StatefulSet', 'redis').spec.replicas, 3);
    const text = JSON.stringify(made.filter(({ name }) => name.startsWith('redis')).map(({ inputs }) => inputs));
    assert.match(text, /appendonly yes/);
    assert.match(text, /cluster-enabled yes/);
  });

  test('a copy of the data comes before the migration, and the proof after it, by B’s own commands (CONF-20, B-MIG-2..4)', () => {
    const { spec } = object('Job', 'architect-migrate').spec.template;
    const commands = [...spec.initContainers, ...spec.containers].map(({ command, args }: any) => [
      ...command,
      ...args.slice(0, 4),
    ]);
    assert.deepEqual(commands[1], ['./architect-api', 'migrate', '--direction', 'up']);
    assert.deepEqual(commands[2], ['./architect-api', 'migrate', 'status']);
    assert.deepEqual(commands[0]!.slice(0, 4), ['./architect-api', 'backup', 'create', '--name']);
    assert.equal(object('Job', 'architect-migrate').spec.backoffLimit, 0);
  });

  test('copies are taken away after 24 hours (B-BKP-1, CONF-17)', () => {
    const { spec } = object('CronJob', 'architect-migrate-sweep').spec.jobTemplate.spec.template;
    const [find, folder, ...rest] = spec.containers[0].command as string[];
    assert.deepEqual([find, folder], ['find', '/var/lib/architect/backups']);
    assert.equal(rest[rest.indexOf('-mmin') + 1], '+1440');
  });

  test('database, then schema, then release, then smoke tests', () => {
    const nth = (name: string): number => named(made, name).nth;
    const order = [
      'postgres',
      'database-ready',
      'architect-api-prepare',
      'architect-migrate-job',
      'architect-api-release',
    ];
    assert.deepEqual(
      order.toSorted((a, b) => nth(a) - nth(b)),
      order,
    );
  });
});

describe('what is proven', () => {
  test('every health gate and smoke test that can be asked from outside has a gate', () => {
    const asked = made.flatMap(({ inputs }) => (inputs['requirement'] as string | undefined)?.split(', ') ?? []);
    for (const id of ['B-GATE-1', 'B-GATE-2', 'B-GATE-3', 'B-GATE-4', 'B-GATE-5', 'B-GATE-6', 'B-SMOKE-19']) {
      assert.ok(asked.includes(id), id);
    }
  });

  test('/health has to answer in B’s words (B-GATE-3, CONF-13)', () => {
    const { expect, path } = named(made, 'endpoint-health').inputs as any;
    assert.deepEqual([path, expect.status, expect.json.status], ['/health', 200, 'healthy']);
    assert.deepEqual(expect.json.components, { database: 'healthy', cache: 'healthy', external_services: 'healthy' });
  });

  test('a release wants the four signatures of B (B-SIGN-1, CONF-47)', () => {
    const { approvals } = named(made, 'architect-api-release').inputs as any;
    assert.deepEqual(approvals.roles, ['engineering-lead', 'devops-lead', 'security-lead', 'product-lead']);
  });

  test('the outputs say where it is, and no secret', async () => {
    assert.equal(outputs.endpoints.api.url, 'https://staging-api.architect.internal:443');
    assert.deepEqual(Object.keys(outputs.secrets), ['postgresPassword', 'redisPassword']);
    const published = pulumi.output(outputs);
    assert.equal(await pulumi.isSecret(published), false);
    const told = await new Promise<unknown>((resolve) => published.apply(resolve));
    assert.doesNotMatch(JSON.stringify(told), /generated-/);
  });
});

describe('the other stacks of this system', () => {
  test('the same settings in any order give the same plan', async () => {
    const turned = Object.fromEntries(
      Object.entries(staging())
        .toReversed()
        .map(([key, group]) => [key, Object.fromEntries(Object.entries(group).toReversed())]),
    );
    const plain = (all: readonly Made[]): unknown => all.map(({ type, name, inputs }) => [type, name, inputs]);
    assert.deepEqual(plain((await architectOf(turned)).made), plain(made));
  });

  test('production has ten instances and five masters of Redis (B-TOPO-7)', async () => {
    const { made: all } = await architectOf(groupsOf('architect-production'));
    assert.equal((named(all, 'architect-api-release').inputs as any).replicas, 10);
    assert.equal(object('StatefulSet', 'redis', all).spec.replicas, 10);
  });

  test('with blueGreen there are two Deployments, and the Service keeps its name', async () => {
    const { made: all } = await architectOf(changed(staging(), 'release.strategy', 'blueGreen'));
    object('Deployment', 'architect-api-blue', all);
    object('Deployment', 'architect-api-green', all);
    assert.equal(object('Service', 'architect-api', all).spec.selector['platform/side'], 'blue');
  });
});

describe('what is refused', () => {
  const refused = (path: string, value: unknown, words: RegExp, groups = staging()): void => {
    assert.throws(() => parse(rawOf(changed(groups, path, value)), 'test', 'architect'), words);
  };

  test('fewer connections than all instances may hold', () => {
    refused('postgres.maxConnections', 409, /at least 410: \(api.replicas 3 \+ 1\) × api.connections.max 100/);
  });
  test('a load balancer without a certificate, beyond a sandbox', () => {
    refused('api.balancer', undefined, /api.balancer: found nothing/);
  });
  test('made-up tokens beyond a sandbox', () => refused('kept.source', 'generated', /made-up tokens open nothing/));
  test('a database without TLS, beyond a sandbox', () =>
    refused('postgres.requireTls', false, /requireTls: found false/));
  test('two managers, or none', () => refused('kept.aws', undefined, /one of kept.aws and kept.vault/));
  test('a pooler that B does not know', () => {
    const pooler = { maxClients: 500, size: 50, cpu: { request: '10m', limit: '1' }, memory: '64Mi' };
    refused('postgres.pooler', pooler, /postgres.pooler: found a pooler/);
  });
  test('a deadline that a good release cannot keep', () => refused('release.deadline', '200s', /more than the 240 s/));
});
