/**
 * The edge's certificate from an ACME server that validates for real (HTTP-01, through the edge), and its renewal while
 * clients are at it. The Certificate is borrowed: it is pointed at another issuer, and given back.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesObjectApi, type KubernetesObject } from '@kubernetes/client-node';
import { Credentials, reach } from '../../components/gates/index.ts';
import { acmeIssuer, pebble, PEBBLE, type Place } from './support/pebble.ts';
import { rehearsal } from './support/rehearsal.ts';
import { clusterAt } from './support/target.ts';
import { until } from './support/until.ts';

const { namespace } = rehearsal;
const cluster = await clusterAt(rehearsal.kubeconfig);
const objects = KubernetesObjectApi.makeApiClient(cluster.config);
const credentials = new Credentials(() => Promise.resolve(cluster));
const edge = new URL(rehearsal.api);

/** Short enough to be renewed while one looks on, long enough that the kubelet has carried each one to the edge before. */
const VALIDITY = 300;
/** The last 65 % of its life: 105 s after it was issued. */
const RENEW_BEFORE_PERCENTAGE = 65;
const PLACE: Place = { namespace, certManager: 'cert-manager', authority: 'authority', validity: VALIDITY };

interface Certificate extends KubernetesObject {
  spec: { secretName: string; dnsNames: string[]; issuerRef: object; renewBeforePercentage?: number };
  status?: { revision?: number; renewalTime?: string; notAfter?: string; conditions?: Condition[] };
}
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
}
interface Order extends KubernetesObject {
  status?: {
    state?: string;
    authorizations?: { identifier: string; challenges: { type: string }[] }[];
  };
}

const read = <T extends KubernetesObject>(kind: string, name: string, apiVersion = 'cert-manager.io/v1'): Promise<T> =>
  objects.read<T>({ apiVersion, kind, metadata: { name, namespace } });
const isReady = ({ metadata, status }: Pick<Certificate, 'metadata' | 'status'>): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: is, observedGeneration }) =>
      type === 'Ready' && is === 'True' && (observedGeneration ?? 0) >= (metadata?.generation ?? 0),
  );
const stored = async (secretName: string): Promise<X509Certificate> =>
  new X509Certificate(await credentials.read({ namespace, name: secretName, key: 'tls.crt' }));

let lent: Certificate | undefined;
let host = '';
let root = '';

interface Answer {
  readonly status: number;
  readonly certificate: X509Certificate;
}

/** One request on a connection of its own. Rejects unless the chain leads to pebble's root and names the host. */
function get(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let certificate: X509Certificate | undefined;
    const call = request(
      {
        ...{ host: edge.hostname, port: edge.port, servername: host, ca: root, agent: false, path, timeout: 10_000 },
        headers: { host, connection: 'close', 'user-agent': 'acme-test' },
      },
      (incoming) => {
        incoming.resume();
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ status: incoming.statusCode!, certificate: certificate! }));
      },
    );
    call.on('socket', (socket) =>
      socket.on('secureConnect', () => {
        certificate = (socket as unknown as { getPeerX509Certificate(): X509Certificate }).getPeerX509Certificate();
      }),
    );
    call.on('timeout', () => call.destroy(new Error('no answer within 10 s')));
    call.on('error', reject);
    call.end();
  });
}

/** The root that pebble made for itself at its start: a new one each time. */
async function rootOf(authority: string): Promise<string> {
  const workload = { namespace, kind: 'Deployment', name: PEBBLE.name } as const;
  const options = { cluster: () => Promise.resolve(cluster), turn: 0, signal: AbortSignal.timeout(20_000) };
  return reach({ workload, port: PEBBLE.management }, options, async ({ host: at, port }) => {
    const servername = `${PEBBLE.name}.${namespace}.svc`;
    return new Promise<string>((resolve, reject) => {
      const call = request({ host: at, port, servername, ca: authority, path: '/roots/0' }, (incoming) => {
        incoming.setEncoding('utf8');
        let text = '';
        incoming.on('data', (part: string) => (text += part));
        incoming.on('end', () => resolve(text));
      });
      call.on('error', reject);
      call.end();
    });
  });
}

before(async () => {
  lent = await read<Certificate>('Certificate', 'edge-tls');
  const names = lent.spec.dnsNames;
  const found = names.find((name) => name.endsWith('.svc.cluster.local'));
  assert.ok(found, `none of ${names.join(', ')} resolves inside the cluster, so no ACME server there can look it up`);
  host = found;
  for (const object of pebble(PLACE)) await objects.create(object);
  await until('pebble is ready', async () => {
    const { status } = await cluster.apps.readNamespacedDeployment({ namespace, name: PEBBLE.name });
    return status?.availableReplicas === 1;
  });
  const authority = await credentials.read({ namespace, name: PEBBLE.secretName, key: 'ca.crt' });
  root = await rootOf(authority);
  await objects.create(acmeIssuer(PLACE, authority));
  await until('the account is registered', async () => isReady(await read<Certificate>('Issuer', PEBBLE.issuer)));
});

/**
 * Puts the Certificate back: its values first, and then who is said to have set them, or what made it would meet a stranger's
 * fields at its next update. cert-manager writes its status meanwhile, so a write may come too late and is repeated.
 */
async function giveBack(): Promise<void> {
  for (const fields of ['values', 'managers'] as const) {
    await until(`the ${fields} of the certificate are put back`, async () => {
      const { metadata } = await read('Certificate', 'edge-tls');
      const managedFields = fields === 'values' ? metadata!.managedFields : lent!.metadata!.managedFields;
      const { resourceVersion } = metadata!;
      await objects.replace({ ...lent, metadata: { ...lent!.metadata, resourceVersion, managedFields } } as never);
      return true;
    });
  }
}

after(async () => {
  if (lent === undefined) return;
  await giveBack();
  await until('the certificate is again as it was', async () => {
    const live = await read<Certificate>('Certificate', 'edge-tls');
    return isReady(live) && !(await stored(live.spec.secretName)).issuer.includes('Pebble');
  });
  const secrets = [PEBBLE.secretName, `${PEBBLE.issuer}-account`].map((name) => ({
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { name, namespace },
  }));
  for (const object of [acmeIssuer(PLACE, ''), ...pebble(PLACE).toReversed(), ...secrets]) {
    await objects.delete(object).catch((thrown: unknown) => assert.equal((thrown as { code?: number }).code, 404));
  }
});

test(
  'a certificate is obtained over HTTP-01 through the edge, and the edge serves it',
  { timeout: 320_000 },
  async () => {
    const live = await read<Certificate>('Certificate', 'edge-tls');
    await objects.replace({
      ...live,
      spec: {
        ...live.spec,
        dnsNames: [host],
        issuerRef: { name: PEBBLE.issuer, kind: 'Issuer', group: 'cert-manager.io' },
        renewBeforePercentage: RENEW_BEFORE_PERCENTAGE,
      },
    });
    await until('the certificate is issued', async () => isReady(await read<Certificate>('Certificate', 'edge-tls')));
    const issued = await stored(lent!.spec.secretName);
    assert.match(issued.issuer, /Pebble/);
    assert.equal(issued.subjectAltName, `DNS:${host}`);

    const { items } = (await objects.list<Order>('acme.cert-manager.io/v1', 'Order', namespace)) as { items: Order[] };
    const [order] = items.filter(({ status }) => status?.authorizations?.some(({ identifier }) => identifier === host));
    assert.equal(order?.status?.state, 'valid');
    // The server decides that a name is proven, and it has no other way to this one.
    const solver = await cluster.core.readNamespacedPodLog({ namespace, name: await podOf(PEBBLE.name) });
    assert.match(solver, new RegExp(`http://${host}[^ ]*/\\.well-known/acme-challenge/`));

    await until(
      'the edge serves what was issued',
      async () => (await get('/health')).certificate.serialNumber === issued.serialNumber,
      120_000,
    );
  },
);

test('it is renewed with another key before its end, while no request fails', { timeout: 280_000 }, async () => {
  const first = (await get('/health')).certificate;
  const { status } = await read<Certificate>('Certificate', 'edge-tls');
  const failed: string[] = [];
  let [sent, last] = [0, first];
  const end = Date.now() + 240_000;
  while (last.serialNumber === first.serialNumber && Date.now() < end) {
    sent++;
    try {
      const answer = await get('/health');
      last = answer.certificate;
      if (answer.status !== 200) failed.push(`${sent}: status ${answer.status}`);
    } catch (thrown) {
      failed.push(`${sent}: ${String(thrown)}`);
    }
    await sleep(200);
  }
  assert.deepEqual(failed, [], `${failed.length} of ${sent} requests failed`);
  assert.notEqual(last.serialNumber, first.serialNumber, `no other certificate within ${sent} requests`);
  assert.ok(sent > 50, `only ${sent} requests were sent meanwhile`);
  assert.match(last.issuer, /Pebble/);
  assert.ok(Date.now() < Date.parse(first.validTo), 'the first one had ended before the second was served');
  assert.ok(!last.publicKey.equals(first.publicKey), 'the key is the same');
  assert.equal(last.serialNumber, (await stored(lent!.spec.secretName)).serialNumber);
  const renewed = await read<Certificate>('Certificate', 'edge-tls');
  assert.equal(
    renewed.status?.revision,
    (status?.revision ?? 0) + 1,
    'it was renewed more than once, or not by itself',
  );
});

async function podOf(name: string): Promise<string> {
  const labelSelector = `app.kubernetes.io/name=${name}`;
  const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
  assert.equal(items.length, 1);
  return items[0]!.metadata!.name!;
}
