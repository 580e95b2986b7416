import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../infra/sandbox/enforcer/compile.ts';
import { processesOf } from '../../infra/sandbox/host/cgroups.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { inside } from '../../infra/sandbox/node/addons.ts';
import { RANGE, worlds } from '../unit/infra/sandbox/enforcer/support/worlds.ts';
import {
  addresses,
  core,
  enforcerStatus,
  eventually,
  policy,
  settled,
  withPolicies,
} from './support/network/cluster.ts';
import { cyclonus } from './support/network/cyclonus.ts';
import { Matrix } from './support/network/matrix.ts';
import { scenarios, SPACES } from './support/network/scenarios.ts';

const [X, Y] = SPACES;
const pods = (name: string) => ({ podSelector: { matchLabels: { pod: name } } });
const denyAll = policy(X, 'deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

test('the kernel takes the table of any world', async () => {
  const tables = fc.sample(worlds, 100).map((world) => compile(world, RANGE));
  // In a network namespace of its own: this is another node's table.
  await run(inside(addresses, ['unshare', '--net', 'nft', '-f', '-']), { input: tables.join('') });
  const broken = tables[0]!.replace('policy accept;', 'policy maybe;');
  await assert.rejects(run(inside(addresses, ['unshare', '--net', 'nft', '-f', '-']), { input: broken }), /maybe/);
});

/** The node's end of a pod's link. */
const linkOf = async (ip: string): Promise<string> =>
  /dev (\S+)/.exec(await run(inside(addresses, ['ip', 'route', 'get', ip])))![1]!;

/** Asks at once after the table was taken away: the enforcer may have it back before the answer, so who calls asks again. */
async function withoutTable<T>(ask: () => Promise<T>): Promise<T> {
  await run(inside(addresses, ['nft', 'add table inet netpol; delete table inet netpol']));
  return ask();
}

describe('on real traffic', () => {
  let matrix: Matrix;

  before(async () => {
    [matrix] = await Promise.all([Matrix.start(), cyclonus()]);
    await matrix.ready();
  });
  after(() => matrix.stop());

  for (const title of Object.keys(scenarios(() => '192.0.2.1'))) {
    test(`every connection is allowed or denied as cyclonus judges: ${title}`, async () => {
      const verdicts = await matrix.verdicts(scenarios(matrix.ip)[title]!);
      const differing = verdicts.filter(({ real, judged }) => real !== judged);
      const open = verdicts.filter(({ judged }) => judged).length;
      console.log(`    ${verdicts.length - differing.length} of ${verdicts.length} verdicts agree, ${open} allowed`);
      assert.deepEqual(differing, []);
      // A set that denies nothing is no test; the first one, without policies, is the control of all others.
      assert.ok(title === 'no policy' ? open === verdicts.length : open > 0 && open < verdicts.length);
    });
  }

  test('NotIn means pods without the label too, as for the API server’s own selectors (cyclonus 0.5.6 differs)', async () => {
    const listed = await core.listNamespacedPod({ namespace: X, labelSelector: 'absent notin (z)' });
    assert.equal(listed.items.length, 3);
    const podSelector = { matchExpressions: [{ key: 'absent', operator: 'NotIn', values: ['z'] }] };
    await withPolicies([policy(X, 'not-in', { podSelector, policyTypes: ['Ingress'] })], async () => {
      assert.equal(await matrix.prober(X, 'a').reaches({ host: matrix.ip(X, 'b'), port: 8000 }), false);
    });
  });

  test('a policy holds for the pod behind a Service, by the pod’s port, and lets a pod reach itself through it', async () => {
    const service = await core.createNamespacedService({
      namespace: X,
      body: {
        metadata: { name: 'b' },
        spec: { selector: { pod: 'b' }, ports: [{ name: 'front', port: 80, targetPort: 8000 }] },
      },
    });
    const target = { host: service.spec!.clusterIP!, port: 80 };
    const ask = async (name: string) => (await matrix.prober(X, name).ask(target)).answer;
    await eventually('the service proxy takes up the Service', async () => (await ask('a')) === 'open');
    const edge = [
      denyAll,
      policy(X, 'in', { ...pods('b'), ingress: [{ _from: [pods('a')], ports: [{ port: 8000 }] }] }),
      policy(X, 'out', {
        ...pods('a'),
        policyTypes: ['Egress'],
        egress: [{ to: [pods('b')], ports: [{ port: 8000 }] }],
      }),
    ];
    await withPolicies(edge, async () => {
      assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(ask)), ['open', 'open', 'silent']);
    });
    await withPolicies([denyAll], async () => {
      assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(ask)), ['silent', 'open', 'silent']);
    });
  });

  test('a policy sees the address of the client outside who comes through a NodePort', async () => {
    const { spec } = await core.createNamespacedService({
      namespace: X,
      body: {
        metadata: { name: 'b-outside' },
        spec: { type: 'NodePort', selector: { pod: 'b' }, ports: [{ port: 80, targetPort: 8000 }] },
      },
    });
    const fromHost = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ host: addresses.node, port: spec!.ports![0]!.nodePort!, timeout: 900 });
        const end = (reached: boolean) => () => {
          socket.destroy();
          resolve(reached);
        };
        socket.on('connect', end(true)).on('timeout', end(false)).on('error', end(false));
      });
    await eventually('the service proxy takes up the NodePort', fromHost);
    const only = (cidr: string) => [policy(X, 'in', { ...pods('b'), ingress: [{ _from: [{ ipBlock: { cidr } }] }] })];
    assert.equal(await withPolicies(only(`${addresses.host}/32`), fromHost), true);
    assert.equal(await withPolicies(only(`${addresses.node}/32`), fromHost), false);
  });

  test('a pod that borrows another’s address is heard by nobody', async () => {
    const heard: string[] = [];
    const outside = createSocket('udp4').on('message', (_, { address }) => heard.push(address));
    outside.bind(0, addresses.host);
    await once(outside, 'listening');
    const [prober, borrowed] = [matrix.prober(X, 'a'), matrix.ip(X, 'b')];
    const send = (localAddress: string) =>
      prober.ask({ host: addresses.host, port: outside.address().port, protocol: 'UDP', localAddress }, 300);
    const check = (on: 0 | 1) =>
      run(inside(addresses, ['sh', '-c', `echo ${on} > /proc/sys/net/ipv4/conf/all/rp_filter`]));
    await prober.inNamespace(['ip', 'address', 'add', `${borrowed}/32`, 'dev', 'eth0']);
    try {
      await send(matrix.ip(X, 'a'));
      await send(borrowed);
      assert.deepEqual(heard, [matrix.ip(X, 'a')]);
      // The control: it is the kernel's check of senders that holds it back.
      await check(0);
      await send(borrowed);
      assert.deepEqual(heard, [matrix.ip(X, 'a'), borrowed]);
    } finally {
      await check(1);
      await prober.inNamespace(['ip', 'address', 'delete', `${borrowed}/32`, 'dev', 'eth0']);
      outside.close();
    }
  });

  test('a pod does not reach the node by the IPv6 address that its link has by itself', async () => {
    const prober = matrix.prober(X, 'a');
    const neighbour = /fe80::[0-9a-f:]+/.exec(
      await run(inside(addresses, ['ip', '-6', 'address', 'show', 'dev', await linkOf(matrix.ip(X, 'a'))])),
    );
    assert.ok(neighbour, 'the link of the pod has no IPv6 address');
    const kubelet = { host: `${neighbour[0]}%eth0`, port: 10250 };
    assert.equal(await prober.reaches(kubelet), false);
    // The control: without the table the kubelet answers there.
    await eventually(
      'the kubelet answers without the table',
      () => withoutTable(() => prober.reaches(kubelet)),
      10_000,
    );
    await eventually('the table is back', async () => !(await prober.reaches(kubelet)), 10_000);
  });

  test('policies hold while the enforcer is dead, and it takes up what changed meanwhile when it is back', async () => {
    const target = { host: matrix.ip(X, 'b'), port: 8000 };
    const from = matrix.prober(X, 'a');
    const enforcer = () =>
      processesOf(addresses.name).find(({ arguments: [, script] }) => script?.endsWith('/enforcer/main.ts'));
    await withPolicies([denyAll], async () => {
      process.kill(enforcer()!.pid, 'SIGKILL');
      assert.equal(await from.reaches(target), false);
    });
    // `withPolicies` ended after the enforcer had applied the removal: it is back.
    assert.ok(enforcer());
    assert.equal(await from.reaches(target), true);
  });

  test('a table that is taken away by hand is back within seconds', async () => {
    const target = { host: matrix.ip(X, 'b'), port: 8000 };
    await withPolicies([denyAll], async () => {
      const open = (): Promise<boolean> => matrix.prober(Y, 'a').reaches(target);
      await eventually('the target answers without the table', () => withoutTable(open), 10_000);
      await eventually('the table is back', async () => !(await matrix.prober(Y, 'a').reaches(target)), 10_000);
    });
  });

  test('the enforcer reports that it follows everything', async () => {
    await settled(X);
    assert.deepEqual(enforcerStatus()?.lost, {});
  });
});
