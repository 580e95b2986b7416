import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { CACHE, CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { filesHolding, held } from './support/needles.ts';
import { inShell, kubectl, live, make, platform, shell } from './support/platform.ts';

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
}

/** Keys of Secrets that hold a name or an address and nothing that must be hidden. */
const NOT_SECRET = /^(access-key|username)$/;

/** What the API hears instead of the key of an outside source that is off. */
const PLACEHOLDER = 'disabled';

interface Known {
  /** Values on one line: every generated password, the addresses made of them, the passphrase of the state. */
  readonly values: string[];
  /** Whole files, like a server's configuration. What is secret in them stands among the values. */
  readonly files: string[];
}

/** Every secret there is: those of the cluster's Secrets, and the passphrase of the state. */
async function secrets(): Promise<Known> {
  const { items } = await live<{ items: Secret[] }>('secrets', '--namespace', platform.namespace);
  const all = items
    .flatMap(({ data }) => Object.entries(data ?? {}))
    .filter(([key]) => !NOT_SECRET.test(key))
    .map(([, value]) => Buffer.from(value, 'base64').toString())
    .filter((value) => value.length >= 8 && value !== PLACEHOLDER);
  const passphrase = readFileSync((await shell()).PULUMI_CONFIG_PASSPHRASE_FILE!, 'utf8').trim();
  const values = new Set([...all.filter((value) => !value.includes('\n')), passphrase]);
  return { values: [...values], files: all.filter((value) => value.includes('\n')) };
}

const { values: known, files } = await secrets();
/** Where secrets belong, readable by root only: the cluster’s own store, the runtime’s of what its containers were given, the passphrase. */
const STORES = [/\/var\/lib\/etcd\//, /\/var\/lib\/containerd\/io\.containerd\.metadata\./, /\/passphrase$/];

test('there are secrets to search for: one for each generated password at the least, and none only in a file', () => {
  assert.ok(known.length >= 6, `${known.length} secrets`);
  // Redis reads its password's hash.
  const spellings = known.flatMap((value) => [value, createHash('sha256').update(value).digest('hex')]);
  for (const file of files) assert.ok(spellings.some((value) => file.includes(value)));
});

test('the search finds a planted secret in the folder that it searches', async () => {
  const planted = join(platform.state, 'pulumi/backend/planted.json');
  writeFileSync(planted, JSON.stringify({ data: Buffer.from(`x${known[0]!}`).toString('base64') }), { mode: 0o600 });
  try {
    assert.deepEqual(await filesHolding(known, [join(platform.state, 'pulumi/backend')]), [planted]);
  } finally {
    rmSync(planted);
  }
});

test('no secret stands in the state, its history, its backups, or anything else of the sandbox but its stores', async () => {
  const found = await filesHolding(known, [platform.state]);
  assert.deepEqual(
    found.filter((file) => !STORES.some((store) => store.test(file)) && !inVolume(file)),
    [],
  );
});

const inVolume = (file: string): boolean => /\/var\/lib\/volumes\//.test(file);

/**
 * A database keeps what its own protocol needs: PostgreSQL a salted hash, Redis its configuration in memory, MinIO root's key in
 * memory. The keys of its other users it has to know to check what they sign: without a key of its own (`minio.encryption`) they
 * lie on its volume as they are.
 */
const ITS_USERS = /\/\.minio\.sys\/config\/iam\/users\/[^/]+\/identity\.json\//;

test('no secret stands in the volumes of the databases either, but the keys of MinIO’s own users', async () => {
  const volumes = join(platform.state, 'var/lib/volumes');
  assert.ok(readdirSync(volumes).length >= 3, 'there are too few volumes to search');
  assert.deepEqual(
    (await filesHolding(known, [volumes])).filter((file) => !ITS_USERS.test(file)),
    [],
  );
});

/**
 * From 9 on the engine prints every value that it hands to a plugin, secrets included: its own way, which nothing outside
 * it can change. CONTRIBUTING.md warns of it. Below, everything is said that a person reads to find a fault.
 */
const VERBOSITY = 8;

test('no secret stands in a preview, nor in the log of the engine and its plugins at verbosity 8', async () => {
  const command = `pulumi preview --diff --show-reads --debug --logtostderr --logflow --verbose=${VERBOSITY} 2>&1`;
  const preview = await inShell(['bash', '-c', command]);
  assert.ok(preview.length > 100_000, `the log has only ${preview.length} characters`);
  assert.deepEqual(held(known, preview), []);
  await make('preview', 'STACK=local');
  assert.deepEqual(await filesHolding(known, [join(CHECKOUT, '.out/preview')]), []);
});

interface Rendered {
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
}

test('no secret stands in the rendered YAML', async () => {
  const out = join(platform.state, 'rendered');
  try {
    await make('render', 'STACK=local', `OUT=${out}`);
    assert.deepEqual(await filesHolding(known, [out]), []);
    // Rendering never meets the real ones, so the blackening itself is looked at: all values, of every Secret.
    const secrets = readdirSync(out).filter((name) => name.includes('_Secret_'));
    const values = secrets.flatMap((name) => {
      const { data = {}, stringData = {} } = load(readFileSync(join(out, name), 'utf8')) as Rendered;
      return [...Object.values(data), ...Object.values(stringData)];
    });
    assert.ok(secrets.length >= 5 && values.length > secrets.length, `${secrets.length} Secrets`);
    assert.deepEqual([...new Set(values)], ['[secret]']);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});

test('no secret stands in the arguments of any process', async () => {
  const processes = await inShell(['bash', '-c', "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"]);
  assert.ok(processes.includes('kube-apiserver'), 'the processes of the sandbox are not seen');
  assert.deepEqual(held(known, processes), []);
});

test('no secret stands in ConfigMaps, Events, pods, workloads or the log of a container', async () => {
  const kinds = 'configmaps,events,pods,deployments,statefulsets,jobs,services,networkpolicies,replicasets';
  assert.deepEqual(held(known, await kubectl('get', kinds, '--all-namespaces', '--output=yaml')), []);
  const { items } = await live<{ items: { metadata: { name: string } }[] }>('pods', '--namespace', platform.namespace);
  for (const { metadata } of items) {
    const log = await kubectl('logs', '--namespace', platform.namespace, '--all-containers', metadata.name);
    assert.deepEqual(held(known, log), [], metadata.name);
  }
});

test('no secret stands in an image or in anything else of the cache', async () => {
  assert.deepEqual(await filesHolding(known, [CACHE]), []);
});

test('no secret is an output of the stack', async () => {
  const outputs = await inShell(['pulumi', 'stack', 'output', '--json', '--show-secrets', '--stack', 'local']);
  assert.deepEqual(held(known, outputs), []);
});
