/**
 * MinIO on four nodes loses one, by force and by a network that is cut, while clients store and read: nothing that was
 * acknowledged is lost, every request is answered in the end, and the store does not stand still until the node is back.
 * And what buckets are told is what the server does: versions, expiry, encryption, copies in a second store, users of least
 * right.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Client } from 'minio';
import { selector } from '../../components/core/index.ts';
import { policies } from '../../components/guard/index.ts';
import { withStore, type StoreRef } from '../../components/minio/connect.ts';
import { engine, type EngineTest } from '../engine/support/engine.ts';
import { kubectl } from './support/instances.ts';
import { cutOff } from './support/cut.ts';
import { lodge, type Lodger } from './support/lodger.ts';
import { heal } from './support/minio/heal.ts';
import { load, readBack, type Load } from './support/minio/load.ts';
import { programBeside } from './support/minio/program.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';
import { status } from '../../infra/sandbox/instance.ts';

const { namespace, state, kubeconfig } = rehearsal;
// The way of the resources under test into the cluster.
process.env.KUBECONFIG = kubeconfig;
const trial = `trial-${process.pid.toString(36)}`;
const other = `${trial}-copies`;
const CLIENT = `${trial}-client`;
const NODES = ['minio-0', 'minio-1', 'minio-2', 'minio-3'] as const;
const MINIO = selector({ component: 'minio', instance: 'minio' });

const secret = (space: string, name: string, key: string) => ({ namespace: space, name, key });
const storeOf = (space: string, name: string): StoreRef => ({
  cluster: {},
  target: { workload: { namespace: space, kind: 'StatefulSet', name }, port: 9000 },
  accessKey: secret(space, `${name}-auth`, 'access-key'),
  secretKey: secret(space, `${name}-auth`, 'secret-key'),
});
const STORE: StoreRef = {
  ...storeOf(namespace, 'minio'),
  tls: { authority: secret(namespace, 'minio-tls', 'ca.crt'), serverName: 'minio' },
};
const using = <T>(store: StoreRef, use: (client: Client) => Promise<T>): Promise<T> =>
  withStore('the test', store, ({ client }) => use(client));

const cluster = async (...args: string[]): Promise<string> => kubectl((await status(state))!, args);
const shell = (pod: string, script: string): Promise<string> =>
  cluster('--namespace', namespace, 'exec', pod, '-c', 'minio', '--', 'sh', '-c', script);
interface Pod {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly podIP: string; readonly conditions: { type: string; status: string }[] };
}
const podOf = async (name: string): Promise<Pod> =>
  JSON.parse(await cluster('--namespace', namespace, 'get', 'pod', name, '--output=json')) as Pod;

/**
 * Seconds in which nobody has an answer, at the most: those whose object the lost node had under way wait longer, others until
 * their own node has given it up.
 */
const STANDSTILL = 120;
/** For a machine that others use as well. */
const PATIENT = { timeout: 240_000 };

let lodger: Lodger;
let stack: EngineTest;
before(async () => {
  const set = await cluster('--namespace', namespace, 'get', 'statefulset', 'minio', '--output=json');
  const { spec } = JSON.parse(set) as { spec: { template: { spec: { containers: { image: string }[] } } } };
  const [{ image } = { image: '' }] = spec.template.spec.containers;
  await allowCopies();
  const source = programBeside({ namespace, other, image, bucket: trial });
  stack = await engine({ source, kubeconfig, config: { 'test:storage': '1Gi' } });
  await stack.up(PATIENT);
  lodger = await lodge(rehearsal, {
    name: CLIENT,
    reaches: [{ pods: MINIO, port: 9000 }],
    secrets: {
      ACCESS: { name: 'minio-auth', key: 'access-key' },
      SECRET: { name: 'minio-auth', key: 'secret-key' },
      CA: { name: 'minio-tls', key: 'ca.crt' },
    },
  });
});
after(async () => {
  await lodger.leave();
  await stack.destroy(PATIENT);
  stack.remove();
  await using(STORE, async (client) => {
    // A bucket that is copied is not deleted.
    await client.removeBucketReplication(`${trial}-source`);
    for (const bucket of [trial, `${trial}-source`, `${trial}-plain`]) {
      // The server's own way: with every version in it.
      const headers = { 'x-minio-force-delete': 'true' };
      await client
        .makeRequestAsync({ method: 'DELETE', bucketName: bucket, headers }, '', [204], 'us-east-1')
        .catch((error: unknown) => assert.equal((error as { code?: string }).code, 'NoSuchBucket'));
    }
  });
  for (const name of edgesOut.map(({ name: edge }) => edge)) {
    await cluster('--namespace', namespace, 'delete', 'networkpolicy', name);
  }
});

/** The store's way to the second one, which the platform has no edge for. */
const edgesOut = policies(
  {
    [trial]: { pods: MINIO },
    [other]: { namespace: other, pods: selector({ component: 'minio', instance: 'copies' }) },
  },
  [{ from: trial, to: other, port: 9000 }],
);
async function allowCopies(): Promise<void> {
  const instance = (await status(state))!;
  for (const { name, pods, peers, ports } of edgesOut) {
    const spec = { podSelector: { matchLabels: pods }, policyTypes: ['Egress'], egress: [{ to: peers, ports }] };
    const metadata = { name, namespace };
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
    await kubectl(instance, ['apply', '--filename=-'], policy);
  }
}

describe('while one of four nodes is lost', { concurrency: false }, () => {
  const lives: Load[] = [];
  after(async () => {
    for (const one of lives) await one.stop();
  });

  /** Runs clients around what happens, and judges what they saw. */
  async function under(what: string, lose: () => Promise<void>): Promise<Load> {
    const clients = load(lodger, CLIENT, trial, what);
    lives.push(clients);
    await until('clients store and read', () => Promise.resolve(clients.reads > 20));
    const before = { puts: clients.stored.size, reads: clients.reads };
    await lose();
    const since = () => ({ puts: clients.stored.size - before.puts, reads: clients.reads - before.reads });
    const enough = () => Promise.resolve(since().puts > 20 && since().reads > 20);
    await until('reads and writes go on', enough);
    const during = since();
    await clients.stop();
    console.log(
      `    ${what}: ${during.puts} stored, ${during.reads} read, ${clients.retried} sent again, ${clients.failures.length} failed; ` +
        `one took ${clients.longest} s, for ${clients.gap.toFixed(1)} s nobody had an answer`,
    );
    assert.deepEqual(clients.failures, []);
    assert.ok(clients.gap < STANDSTILL, `for ${clients.gap} s nobody had an answer`);
    const { good, differing } = await readBack(lodger, trial, clients.stored);
    assert.deepEqual([good, differing], [clients.stored.size, []]);
    return clients;
  }

  /** Every object stands on every node: after a round of healing, the one that was away has what it missed. */
  async function healed(node: string, prefix: string, stored: ReadonlyMap<string, string>): Promise<void> {
    const missed = stored.size - (await holds(node, prefix));
    let looked = 0;
    // The nodes need seconds until each has found it again, and a round goes past a node that is not there.
    await until(`${node} has all ${stored.size} objects of ${prefix}`, async () => {
      looked = await heal(lodger, trial, prefix);
      return (await holds(node, prefix)) === stored.size;
    });
    console.log(`    ${prefix}: ${node} had missed ${missed} of ${stored.size}; ${looked} were looked at`);
  }
  const holds = async (node: string, prefix: string): Promise<number> =>
    Number(await shell(node, `ls /data/${trial}/${prefix} 2>/dev/null | wc -l`));

  test('by force: the pod is deleted without grace; back on its volume and healed, it has everything', async () => {
    const node = NODES[1];
    const { uid } = (await podOf(node)).metadata;
    const { stored } = await under('force', async () => {
      await cluster('--namespace', namespace, 'delete', 'pod', node, '--grace-period=0', '--force');
      await until(`${node} is another pod, and ready`, async () => {
        const { metadata, status: now } = await podOf(node);
        return metadata.uid !== uid && now.conditions.some((one) => one.type === 'Ready' && one.status === 'True');
      });
      await sleep(3000);
    });
    await healed(node, 'force', stored);
  });

  test('by its network: nobody reaches it, nor it anybody; back and healed, it has everything', async () => {
    const node = NODES[2];
    const { podIP } = (await podOf(node)).status;
    let restore = (): Promise<void> => Promise.resolve();
    let stored: ReadonlyMap<string, string>;
    try {
      ({ stored } = await under('network', async () => {
        restore = await cutOff(state, podIP);
        await sleep(20_000);
      }));
    } finally {
      await restore();
    }
    await healed(node, 'network', stored);
  });
});

describe('a bucket does what it is told', () => {
  const put = (client: Client, bucket: string, key: string, text: string) => client.putObject(bucket, key, text);
  const textOf = async (client: Client, bucket: string, key: string): Promise<string> => {
    let text = '';
    for await (const chunk of await client.getObject(bucket, key)) text += String(chunk);
    return text;
  };
  const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );

  test('old versions are kept: replaced and deleted objects come back by their number', async () => {
    await using(STORE, async (client) => {
      const { versionId: first } = await put(client, trial, 'kept', 'one');
      await put(client, trial, 'kept', 'two');
      await client.removeObject(trial, 'kept');
      assert.equal(await codeOf(client.statObject(trial, 'kept')), 'NotFound');
      let text = '';
      for await (const chunk of await client.getObject(trial, 'kept', { versionId: first! })) text += String(chunk);
      assert.equal(text, 'one');
    });
  });

  test('objects go after their days: one that is said to be two days old is gone, a new one stays', async () => {
    await using(STORE, async (client) => {
      const headers = {
        'x-minio-source-mtime': new Date(Date.now() - 2 * 86_400_000).toISOString(),
        'x-minio-source-replication-request': 'true',
      };
      for (const [objectName, more] of [
        ['old', headers],
        ['new', {}],
      ] as const) {
        const request = { method: 'PUT', bucketName: trial, objectName, headers: more };
        await client.makeRequestAsync(request, 'text', [200], 'us-east-1');
      }
      assert.equal(await codeOf(client.statObject(trial, 'old')), 'NotFound');
      assert.equal(await codeOf(client.statObject(trial, 'new')), undefined);
    });
  });

  test('objects are encrypted unasked: no volume holds their text, as it does of a bucket without', async () => {
    const marker = `in-the-clear-${trial}`;
    // Long enough that the piece on each volume holds it whole.
    const text = `${marker} `.repeat(1000);
    await using(STORE, async (client) => {
      await client.makeBucket(`${trial}-plain`);
      await put(client, trial, 'closed', text);
      await put(client, `${trial}-plain`, 'open', text);
      assert.equal(await textOf(client, trial, 'closed'), text);
    });
    const holding = async (bucket: string): Promise<number> => {
      const counts = await Promise.all(NODES.map((node) => shell(node, `grep -rl ${marker} /data/${bucket} | wc -l`)));
      return counts.reduce((sum, count) => sum + Number(count), 0);
    };
    assert.ok((await holding(`${trial}-plain`)) > 0);
    assert.equal(await holding(trial), 0);
  });

  test('objects, those from before too, and deletions are copied to the second store', async () => {
    const text = 'a report '.repeat(20_000);
    await using(STORE, (client) => put(client, `${trial}-source`, 'report', text));
    const there = storeOf(other, 'copies');
    await until('the copy is there', () =>
      using(there, async (client) => (await textOf(client, `${trial}-copy`, 'report')) === text),
    );
    await using(STORE, (client) => client.removeObject(`${trial}-source`, 'report'));
    await until('the copy is deleted', async () =>
      using(there, async (client) => (await codeOf(client.statObject(`${trial}-copy`, 'report'))) === 'NotFound'),
    );
  });

  test('a user may use the objects of its bucket, and nothing else', async () => {
    const user: StoreRef = { ...STORE, accessKey: secret(other, 'user', 'name') };
    const instance = (await status(state))!;
    const named = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'user', namespace: other } };
    await kubectl(instance, ['apply', '--filename=-'], { ...named, stringData: { name: `${trial}-user` } });
    await using({ ...user, secretKey: secret(other, 'account-auth', 'secret-key') }, async (client) => {
      await put(client, `${trial}-source`, 'mine', 'text');
      assert.equal(await textOf(client, `${trial}-source`, 'mine'), 'text');
      const refused = {
        'another bucket': () => put(client, trial, 'mine', 'text'),
        'a new bucket': () => client.makeBucket(`${trial}-mine`),
        'its policy': () => client.setBucketPolicy(`${trial}-source`, ''),
        'its versioning': () => client.setBucketVersioning(`${trial}-source`, { Status: 'Suspended' }),
      };
      for (const [what, work] of Object.entries(refused)) assert.equal(await codeOf(work()), 'AccessDenied', what);
    });
  });

  test('what somebody changed by hand is found by a refresh and mended by the next update', async () => {
    await using(STORE, async (client) => {
      await client.setBucketVersioning(trial, { Status: 'Suspended' });
      await client.removeBucketEncryption(trial);
      await client.removeBucketLifecycle(trial);
    });
    await stack.refresh(PATIENT);
    const changed = (await stack.preview(PATIENT)).steps
      .filter(({ op }) => op !== 'same')
      .map(({ urn }) => urn.split('::').at(-1));
    assert.deepEqual(changed, ['trial']);
    await stack.up(PATIENT);
    await using(STORE, async (client) => {
      assert.equal(((await client.getBucketVersioning(trial)) as { Status?: string }).Status, 'Enabled');
      assert.match(JSON.stringify(await client.getBucketEncryption(trial)), /AES256/);
      assert.match(JSON.stringify(await client.getBucketLifecycle(trial)), /NoncurrentDays/);
    });
    await stack.refresh(PATIENT);
    assert.deepEqual(Object.keys((await stack.preview(PATIENT)).changeSummary), ['same']);
  });
});

test('a larger volume is a change in place: the claim grows, set, pod and data stay as they are', async () => {
  const look = async (kind: string, name: string) => {
    const object = JSON.parse(await cluster('--namespace', other, 'get', kind, name, '--output=json')) as {
      metadata: { uid: string; generation?: number };
      spec: { resources?: { requests: { storage: string } } };
    };
    return { ...object.metadata, size: object.spec.resources?.requests.storage };
  };
  const identities = async () => {
    const [claim, set, pod] = [
      await look('pvc', 'data-copies-0'),
      await look('statefulset', 'copies'),
      await look('pod', 'copies-0'),
    ];
    return { size: claim.size, stay: [claim.uid, set.uid, set.generation, pod.uid] };
  };
  const before = await identities();
  await stack.configure({ 'test:storage': '2Gi' });
  const planned = (await stack.preview(PATIENT)).steps.filter(({ op }) => op !== 'same');
  assert.deepEqual(planned.map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`).toSorted(), [
    // The component is no object of the cluster; it shows the size it was given.
    'update copies',
    'update copies-anchor',
    'update copies-data-0',
  ]);
  await stack.up(PATIENT);
  assert.deepEqual(await identities(), { size: '2Gi', stay: before.stay });
});
