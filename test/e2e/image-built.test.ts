/**
 * The reference API's image, built by a real daemon from its recipe, pushed to a real registry, deployed by its digest, and
 * taken back to an older one. A-IMG-1, 2, 3, 5; B-IMG-3, 4, 5; E-TOPO-5.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, get } from '../../infra/sandbox/docker/index.ts';
import { SOURCES } from '../../infra/sandbox/host/paths.ts';
import { catalogue } from '../../infra/sandbox/images/catalogue.ts';
import { dockerfile } from '../../infra/sandbox/images/dockerfile.ts';
import { engine, type EngineTest, type Outcome, type Plan } from '../engine/support/engine.ts';
import { variables } from './support/api.ts';
import { BASE, buildHost, type BuildHost } from './support/build-host.ts';
import { eventually } from './support/container.ts';
import { filesHolding, held } from './support/needles.ts';

const API = 'corporate-intel-api';
const ARCHITECT = 'architect-api';
const PORT = 8000;

const PROGRAM = `
import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { BuiltImage, staged } from './components/image/index.ts';
import { DockerHost } from './infra/docker/index.ts';

const config = new pulumi.Config();
const { address, server, username, context, version, says, builtAt, told, wanted, settings } = config.requireObject('build');
const login = { username, password: config.requireSecret('password') };
const host = new DockerHost('host', { address, registries: [{ address: server, ...login }] });
const to = { provider: host.provider };

const edition = staged({ environment: 'staging', builtAt });
const api = new BuiltImage('api', {
  host: host.ref,
  repository: server + '/${API}',
  edition: { ...edition, arguments: { ...edition.arguments, ...told } },
  context,
  dockerfile: context + '/' + version + '.Dockerfile',
  registry: login,
  version: { command: ['/usr/local/bin/corporate-intel', '--version'], says },
}, to);
const image = new docker.RemoteImage('live-image', { name: wanted ?? api.reference, keepLocally: true }, to);
new docker.Container('live', {
  name: 'live',
  image: image.imageId,
  envs: Object.entries(settings).map(([name, value]) => name + '=' + value).sort(),
  ports: [{ internal: ${PORT}, external: ${PORT} }],
}, { ...to, deleteBeforeReplace: true });

export const reference = api.reference;
`;

const ARCHITECT_RECIPE = `FROM ${BASE.reference}
ARG VERSION
ARG BUILD_TIME
ARG GIT_COMMIT
WORKDIR /app
RUN printf '#!/bin/sh\\necho %s\\n' "architect-api $VERSION of $BUILD_TIME at $GIT_COMMIT" > architect-api && chmod 755 architect-api
USER 10001:10001
ENTRYPOINT ["./architect-api"]
`;

const FIRST = { version: '1.0.0', says: '1.0.0', builtAt: '2026-01-31T12:00:00Z' } as const;
const SECOND = { version: '1.1.0', says: '1.1.0', builtAt: '2026-02-01T08:30:00Z' } as const;

const OTHER = 'another-password';

let host: BuildHost;
let stack: EngineTest;
/** The stack of the system `image`, as people run it. */
let architect: EngineTest;
let context: string;
/** What the engine has printed so far. */
const printed: string[] = [];
const references: string[] = [];

const keep = async (outcome: Promise<Outcome>): Promise<string> => {
  const { output } = await outcome;
  printed.push(output);
  return output;
};
const up = (fails = false): Promise<string> => keep(stack.up({ fails }));

const settings = variables(
  {
    ...{
      SECRET_KEY: 's'.repeat(40),
      POSTGRES_PASSWORD: 'none',
      REDIS_PASSWORD: 'none',
      MINIO_SECRET_KEY: 'none-at-all',
    },
    ...{
      ALPHA_VANTAGE_API_KEY: 'off',
      NEWSAPI_KEY: 'off',
      SENTRY_DSN: 'https://key@sentry.example/1',
      GRAFANA_PASSWORD: 'off',
    },
  },
  { postgres: 1, redis: 2, minio: 3 },
);

interface Build {
  readonly version: string;
  readonly says: string;
  readonly builtAt: string;
}

const configured = async (
  build: Build,
  more: Partial<Record<'wanted' | 'server', string>> & { readonly told?: Record<string, string> } = {},
  password = host.password,
): Promise<void> => {
  const where = { address: host.daemon.host, server: host.server, username: host.username, context, settings };
  await stack.configure({ 'test:build': { ...where, ...build, ...more } });
  await stack.pulumi(['config', 'set', '--secret', 'test:password', '--', password]);
};

/** The settings of B's image at a version: a document of the stack, as docs/configuration/image.md describes it. */
const released = (version: string): Record<string, unknown> => ({
  'platform:stack': { system: 'image', version },
  'platform:docker': { address: host.daemon.host },
  'platform:image': {
    repository: `${host.server}/team/${ARCHITECT}`,
    context: join(context, 'architect'),
    builtAt: '2026-01-31T12:00:00Z',
    release: { commit: 'c0ffee'.padEnd(40, '0') },
    proof: { command: ['./architect-api', '--version'] },
  },
  'platform:registry': { username: host.username },
});

const refused = async (of: EngineTest = stack): Promise<string> => {
  try {
    await of.preview();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the plan was not refused');
};

const changes = ({ steps }: Plan): string[] =>
  steps.filter(({ op }) => op !== 'same').map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`);

/** The version that answers on the host's port. */
const answering = (): Promise<string> =>
  eventually(async () => {
    const response = await fetch(`http://${host.daemon.addresses.node}:${PORT}/`, {
      signal: AbortSignal.timeout(2000),
    });
    return ((await response.json()) as { version: string }).version;
  }, 60_000);

before(async () => {
  host = await buildHost();
  context = mkdtempSync(join(tmpdir(), 'image-context-'));
  cpSync(join(SOURCES, 'images/reference-api'), join(context, 'reference-api'), { recursive: true });
  cpSync(join(SOURCES, 'images/reference-api/1.1.0'), join(context, 'reference-api/1.1.0'), { recursive: true });
  const { layers, images } = catalogue();
  for (const { version } of [FIRST, SECOND]) {
    const entry = images.find(({ reference }) => reference.endsWith(`/${API}:${version}`))!;
    writeFileSync(join(context, `${version}.Dockerfile`), dockerfile(layers, entry, { base: BASE }));
  }
  cpSync(join(context, 'reference-api/ruff.toml'), join(context, 'architect/note'), { recursive: true });
  writeFileSync(join(context, 'architect/Dockerfile'), ARCHITECT_RECIPE);
  // The plugin asks the registry itself which digest it has.
  stack = await engine({ source: PROGRAM, env: { SSL_CERT_FILE: host.authority, HOME: context } });
  await configured(FIRST);
  architect = await engine({ stack: ARCHITECT, config: released('3.2.0'), env: { SSL_CERT_FILE: host.authority } });
  await architect.pulumi(['config', 'set', '--secret', 'registryPassword', '--', host.password]);
});

after(async () => {
  for (const made of [stack, architect].filter((each) => each !== undefined)) {
    await made.destroy().catch(() => undefined);
    made.remove();
  }
  await host?.remove();
  if (context !== undefined) rmSync(context, { recursive: true, force: true });
});

test('a misspelt build argument is one error before anything is built, which says what the recipe knows', async () => {
  await configured(FIRST, { told: { ENVIROMENT: 'staging' } });
  const why = await refused();
  assert.match(
    why,
    /arguments\.ENVIROMENT: found an argument that the recipe does not declare; wanted one of ENVIRONMENT/,
  );
  assert.match(why, /did you mean ENVIRONMENT\?/);
  assert.equal(why.match(/has one problem/g)?.length, 1);
  await configured(FIRST);
});

test('a plan asks no registry, and builds nothing', async () => {
  await configured(FIRST, { server: 'registry.example.com' });
  const planned = changes(await stack.preview());
  for (const name of ['api-image', 'api-version', 'api-moved', 'live'])
    assert.ok(planned.includes(`create ${name}`), name);
  const images = await get<unknown[]>(host.daemon.socket, '/images/json');
  assert.equal(images.length, 1, 'the one that recipes stand on');
  await configured(FIRST);
});

test('it is built, pushed under both tags, answers its version, and is deployed by the digest that the registry has', async () => {
  await up();
  const { reference } = await stack.outputs();
  references.push(reference as string);
  const digest = await host.digestOf(API, 'staging-20260131-120000');
  assert.equal(reference, `${host.server}/${API}@${digest}`);
  assert.deepEqual(await host.tagsOf(API), ['staging-20260131-120000', 'staging-latest']);
  assert.equal(await host.digestOf(API, 'staging-latest'), digest);
  assert.equal(await answering(), '1.0.0');
});

test('what the recipe was told stands in the image', async () => {
  const { Config } = await get<{ Config: { Labels: Record<string, string> } }>(
    host.daemon.socket,
    `/images/${references[0]!}/json`,
  );
  assert.equal(Config.Labels['environment'], 'staging');
});

test('the second preview is quiet, and one after a new password of the registry builds nothing', async () => {
  assert.deepEqual(changes(await stack.preview()), []);
  await configured(FIRST, {}, OTHER);
  const changed = changes(await stack.preview());
  assert.deepEqual(
    changed.filter((change) => !/^update (host-provider|api-image|api-moved)$/.test(change)),
    [],
  );
  await configured(FIRST);
});

test('a fixed tag is never pushed again: other sources under it are refused while the plan is made', async () => {
  const file = join(context, 'reference-api/README.md');
  writeFileSync(file, 'changed\n');
  assert.match(
    await refused(),
    /staging-20260131-120000: found other sources or build arguments than it was built from/,
  );
  cpSync(join(SOURCES, 'images/reference-api/README.md'), file);
  assert.deepEqual(changes(await stack.preview()), []);
});

test('an image that answers another version fails the update, and what runs is not touched', async () => {
  await configured({ ...SECOND, says: '9.9.9', builtAt: '2026-02-01T08:00:00Z' });
  assert.match(await up(true), /corporate-intel --version said: corporate-intel 1\.1\.0; wanted 9\.9\.9/);
  assert.equal(await answering(), '1.0.0');
  assert.equal(
    `${host.server}/${API}@${await host.digestOf(API, 'staging-latest')}`,
    references[0],
    'latest has not moved',
  );
});

test('a second version is pushed and deployed, and the first stays in the registry under its tag', async () => {
  await configured(SECOND);
  await up();
  const { reference } = await stack.outputs();
  references.push(reference as string);
  assert.notEqual(references[1], references[0]);
  assert.equal(await answering(), '1.1.0');
  assert.equal(`${host.server}/${API}@${await host.digestOf(API, 'staging-20260131-120000')}`, references[0]);
  assert.equal(`${host.server}/${API}@${await host.digestOf(API, 'staging-latest')}`, references[1]);
});

test('a stack of its own builds, pushes and proves a release, and publishes the digest that it is approved and run by', async () => {
  printed.push((await architect.up()).output);
  const digest = await host.digestOf(`team/${ARCHITECT}`, '3.2.0');
  assert.deepEqual(await architect.outputs(), {
    contractVersion: 1,
    version: '3.2.0',
    reference: `${host.server}/team/${ARCHITECT}@${digest}`,
    digest,
    tagged: `${host.server}/team/${ARCHITECT}:3.2.0`,
  });
  assert.deepEqual(await host.tagsOf(`team/${ARCHITECT}`), ['3.2.0']);
  assert.deepEqual(changes(await architect.preview()), []);
});

test('what that stack built is built once: a changed recipe under the same version is refused', async () => {
  const recipe = join(context, 'architect/Dockerfile');
  writeFileSync(recipe, `${ARCHITECT_RECIPE}LABEL later=yes\n`);
  assert.match(await refused(architect), /3\.2\.0: found other sources or build arguments than it was built from/);
  writeFileSync(recipe, ARCHITECT_RECIPE);
});

test('going back by building the old one again is refused, with the reference to deploy', async () => {
  await configured(FIRST);
  const why = await refused();
  assert.match(why, /staging-20260131-120000: found a tag that was built before/);
  assert.ok(why.includes(references[0]!), why);
});

test('the older digest is rolled back to, by pulling it where nothing of it is left', async () => {
  const [old] = references;
  const { Id } = await get<{ Id: string }>(host.daemon.socket, `/images/${old!}/json`);
  await ask(host.daemon.socket, 'DELETE', `/images/${Id}?force=true`);
  assert.equal((await ask(host.daemon.socket, 'GET', `/images/${Id}/json`)).status, 404);
  await configured(SECOND, { wanted: old! });
  await up();
  assert.equal(await answering(), '1.0.0');
  assert.equal((await stack.outputs())['reference'], references[1], 'what was built last stays built');
  assert.deepEqual(changes(await stack.preview()), []);
});

test('a password that the registry refuses fails the update with its answer, and nothing runs less than before', async () => {
  await configured({ ...SECOND, builtAt: '2026-02-02T00:00:00Z' }, { wanted: references[0]! }, OTHER);
  assert.match(await up(true), /no basic auth credentials|unauthorized|denied/i);
  assert.equal(await answering(), '1.0.0');
});

test('the password stands in no state, no log, nothing that was printed, and no image', async () => {
  const secrets = [host.password, OTHER];
  assert.deepEqual(
    await filesHolding(secrets, [stack.state, architect.state, host.registry.log, join(host.daemon.state, 'log')]),
    [],
  );
  assert.deepEqual(held(secrets, printed.join('\n')), []);
  const images = await get<{ Id: string }[]>(host.daemon.socket, '/images/json?all=1');
  assert.ok(images.length >= 4, 'there are images to look into');
  for (const { Id } of images) {
    const [history, config] = await Promise.all([
      ask(host.daemon.socket, 'GET', `/images/${Id}/history`),
      ask(host.daemon.socket, 'GET', `/images/${Id}/json`),
    ]);
    assert.deepEqual(held(secrets, history.body + config.body), []);
  }
});
