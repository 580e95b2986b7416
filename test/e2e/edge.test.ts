/**
 * The edge as clients meet it: the one that the platform has, and two of the test's own beside it, with the firewall and
 * without, whose settings the test chooses. Requests come from this machine and from a pod: two addresses.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Agent } from 'node:https';
import type { EngineTest } from '../engine/support/engine.ts';
import { authority, type Authority, type Pair } from './support/edge/certificate.ts';
import { ask, handshake, openLoop, type Door, type Sent } from './support/edge/client.ts';
import { ATTACKS, passing, security, SECURITY, SMOKE, TRANSPORT } from './support/edge/requests.ts';
import { variants } from './support/edge/variants.ts';
import { doorOf, kubectlAt, nodeAddress } from './support/edge/deployed.ts';
import { deploy, SECRET, type Trial } from './support/edge/trial.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const kubectl = kubectlAt(rehearsal.kubeconfig);
const HOST = 'api.trial.test';
const FRONT = 'https://front.trial.test';
const RATE = 20;
const TOKENS = ['first', 'second'] as const;
const LINK = ['10.199.0.0/16'] as const;

const site = { host: HOST, upstream: { service: 'api', port: 8000 }, answerWithin: '20s', maxBody: '1Mi' } as const;
const GUARDED: Trial = {
  namespace: `${rehearsal.namespace}-edge-guarded`,
  tokens: TOKENS,
  args: {
    sites: [{ ...site, tls: { secretName: SECRET }, cors: { origins: [FRONT] }, inspected: true, streaming: false }],
    clientAddress: { from: 'connection' },
    rateLimit: { perSecond: RATE, burst: 20 },
    firewall: { mode: 'block', paranoia: 1, threshold: 5 },
    ...{ ports: { http: 31081, https: 31443 }, replicas: 2 },
  },
};
const OPEN: Trial = {
  namespace: `${rehearsal.namespace}-edge-open`,
  tokens: [],
  args: {
    sites: [{ ...site, inspected: true, streaming: true }],
    clientAddress: { from: 'forwardedFor', trusted: LINK },
    rateLimit: { perSecond: 1000, burst: 1000 },
    ...{ ports: { http: 31082, https: 31444 }, replicas: 1 },
  },
};

describe('the platform’s own edge', () => {
  let door: Door;
  let secure = false;

  before(async () => {
    door = await doorOf(rehearsal.kubeconfig, rehearsal.namespace);
    secure = door.https !== 0;
  });

  test('refuses every attack of the list with 403', async () => {
    assert.deepEqual(await passing(door, secure), []);
  });

  test('lets the smoke requests of A and E through, with the product’s own answers', async () => {
    for (const { status, ...request } of SMOKE) {
      const answer = await ask(door, { ...request, tls: secure });
      assert.equal(answer.status, status, `${request.method ?? 'GET'} ${request.path}: ${answer.body}`);
    }
  });

  test('says E’s headers once, and HSTS exactly where there is TLS', async () => {
    const { raw } = await ask(door, { path: '/health', tls: secure });
    assert.deepEqual(security(raw), { ...SECURITY, ...(secure && TRANSPORT) });
  });
});

describe('an edge with a firewall, and one without', () => {
  let stack: EngineTest;
  let signer: Authority;
  let door: Door;
  let open: Door;

  const present = ({ certificate, key }: Pair): Promise<string> =>
    kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls' },
      metadata: { name: SECRET, namespace: GUARDED.namespace },
      stringData: { 'tls.crt': certificate, 'tls.key': key },
    });
  /** The kubelet looks at a changed Secret once a minute, and at once when the pod changes. */
  const hurry = (): Promise<string> =>
    kubectl([
      ...['annotate', 'pods', '-n', GUARDED.namespace, '--overwrite'],
      '-l',
      'app.kubernetes.io/name=edge',
      `test/now=${Date.now()}`,
    ]);
  const issued = async (): Promise<string | undefined> => {
    const seen = await handshake(door);
    return seen instanceof Error ? undefined : seen.fingerprint256;
  };

  before(async () => {
    [signer, stack] = await Promise.all([authority(), deploy(rehearsal.kubeconfig, [GUARDED, OPEN])]);
    const address = await nodeAddress(rehearsal.kubeconfig);
    door = { address, ...GUARDED.args.ports, host: HOST, ca: signer.ca };
    open = { address, ...OPEN.args.ports, host: HOST };
  });

  after(async () => {
    signer.remove();
    await stack.destroy();
    stack.remove();
  });

  test('before there is a certificate: challenges are answered by the pod that can, and TLS is refused', async () => {
    for (const token of [...TOKENS, ...TOKENS, ...TOKENS]) {
      const { status, body } = await ask(door, { path: `/.well-known/acme-challenge/${token}` });
      assert.deepEqual([status, body], [200, `${token}.proof for ${HOST}`]);
    }
    assert.equal((await ask(door, { path: '/.well-known/acme-challenge/nobody' })).status, 404);
    assert.equal((await ask(open, { path: '/.well-known/acme-challenge/first' })).status, 404);
    assert.equal((await ask(door, { path: '/a?b=c' })).status, 308);
    assert.ok((await handshake(door)) instanceof Error);
  });

  test('a certificate counts once it is there: TLS 1.2 and 1.3, nothing older, no other name', async () => {
    await present(await signer.sign(HOST));
    await until('the certificate is served', async () => {
      await hurry();
      return (await issued()) !== undefined;
    });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      assert.ok(!((await handshake(door, version)) instanceof Error));
    for (const version of ['TLSv1', 'TLSv1.1'] as const) assert.ok((await handshake(door, version)) instanceof Error);
    assert.ok((await handshake(door, undefined, 'other.trial.test')) instanceof Error);
  });

  test('the firewall refuses every attack; without it, each of them reaches what is behind', async () => {
    assert.ok(ATTACKS.length >= 40);
    assert.deepEqual(await passing(door, true), []);
    assert.equal((await passing(open, false)).length, ATTACKS.length);
  });

  test('requests of the smoke tests pass the firewall', async () => {
    for (const { status, ...request } of SMOKE) {
      assert.equal((await ask(door, { ...request, tls: true })).status, status, request.path);
    }
  });

  test('E’s headers stand on 200, 404, 403 and 413 alike, once, whatever the upstream says', async () => {
    const everywhere = { ...SECURITY, ...TRANSPORT };
    for (const [path, wanted] of [
      ['/', 200],
      ['/missing', 404],
      ['/forbidden', 403],
      ['/?q=%3Cscript%3Ealert(1)%3C/script%3E', 403],
    ] as const) {
      const { status, raw } = await ask(door, { path, tls: true });
      assert.deepEqual([status, security(raw)], [wanted, everywhere], path);
    }
    const big = await ask(door, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1), tls: true });
    assert.deepEqual([big.status, security(big.raw)], [413, everywhere]);
    const redirected = await ask(door, { path: '/a?b=c' });
    assert.equal(redirected.headers.location, `https://${HOST}:${GUARDED.args.ports.https}/a?b=c`);
    // In the clear HSTS is no promise to make, even if the upstream makes one.
    assert.deepEqual(security(redirected.raw), SECURITY);
    assert.deepEqual(security((await ask(open)).raw), SECURITY);
    const unknown = await ask({ ...door, host: 'unknown.trial.test' });
    assert.deepEqual([unknown.status, security(unknown.raw)], [404, SECURITY]);
  });

  test('a listed origin is told it may, also by a refusal; another is told nothing', async () => {
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: FRONT, 'access-control-request-method': 'PUT' },
      tls: true,
    };
    const allowed = await ask(door, preflight);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers['access-control-allow-origin'], FRONT);
    assert.match(allowed.headers['access-control-allow-methods'] ?? '', /\bPUT\b/);
    for (const path of ['/', '/missing', '/?q=%3Cscript%3E']) {
      const { headers } = await ask(door, { path, headers: { origin: FRONT }, tls: true });
      assert.equal(headers['access-control-allow-origin'], FRONT, path);
      assert.match(headers.vary ?? '', /Origin/);
    }
    for (const origin of ['https://evil.example', `${FRONT}.evil.example`, 'null']) {
      for (const given of [preflight, { tls: true }]) {
        const { headers } = await ask(door, { ...given, headers: { ...preflight.headers, origin } });
        assert.deepEqual(
          Object.keys(headers).filter((name) => name.startsWith('access-control')),
          [],
          origin,
        );
      }
    }
  });

  test('what is behind hears the client’s own address, and no address that the client makes up', async () => {
    const told = async (to: Door, forwarded: string, tls: boolean): Promise<string> => {
      const { body } = await ask(to, { headers: { 'x-forwarded-for': forwarded }, tls });
      return (JSON.parse(body) as { headers: Record<string, string> }).headers['x-forwarded-for']!;
    };
    const own = await told(door, '203.0.113.9', true);
    assert.match(own, /^10\.199\.\d+\.1$/);
    // Here this machine is a trusted proxy: the last address it names counts, not the one before.
    assert.equal(await told(open, '198.51.100.1, 203.0.113.9', false), '203.0.113.9');
  });

  test(
    'one address gets the stated rate and not more, and the other is not held back by it',
    { timeout: 60_000 },
    async () => {
      const seconds = 13;
      const script = `
import json, socket, ssl, time
lax = ssl._create_unverified_context()
seen = []
for _ in range(${seconds * 4}):
    with lax.wrap_socket(socket.create_connection(("edge", 443), 10), server_hostname="${HOST}") as s:
        s.sendall(b"GET / HTTP/1.1\\r\\nHost: ${HOST}\\r\\nUser-Agent: pod\\r\\nAccept: */*\\r\\nConnection: close\\r\\n\\r\\n")
        seen.append(int(s.recv(4096).split()[1]))
    time.sleep(0.25)
print(json.dumps(seen))`;
      // Many connections, so that both pods would get some; kept, so that handshakes are not what is measured.
      const agent = new Agent({ keepAlive: true, maxSockets: 32 });
      const [sent, other] = await Promise.all([
        openLoop(door, RATE * 3, seconds, { tls: true, agent }),
        kubectl(['exec', '-i', '-n', GUARDED.namespace, 'behind', '--', 'python3', '-'], script),
      ]);
      agent.destroy();
      assert.deepEqual([...new Set(sent.map(({ status }) => status))].toSorted(), [200, 429]);
      // The first two seconds spend the burst.
      const [from, span] = [2000, 10];
      const answered = sent.filter(({ at }) => at >= from && at < from + span * 1000);
      assert.ok(answered.length > RATE * span * 1.5, `${answered.length} answers in ${span} s do not press the limit`);
      const passed = answered.filter(({ status }) => status === 200).length / span;
      assert.ok(Math.abs(passed - RATE) <= RATE * 0.1, `${passed.toFixed(1)} a second passed; stated are ${RATE}`);
      const limited: Sent = sent.find(({ status }) => status === 429)!;
      assert.equal(limited.headers['retry-after'], '1');
      assert.equal(limited.headers['strict-transport-security'], 'max-age=31536000');
      assert.equal(limited.headers['content-security-policy'], "default-src 'self'");
      assert.deepEqual([...new Set(JSON.parse(other) as number[])], [200]);
    },
  );

  test('a renewed certificate is served without one failed request', { timeout: 150_000 }, async () => {
    const before_ = await issued();
    const kept = new Agent({ keepAlive: true, maxSockets: 2 });
    const failed: string[] = [];
    let answered = 0;
    let running = true;
    const load = [undefined, undefined, kept, kept].map(async (agent) => {
      while (running) {
        const done = await ask(door, { tls: true, ...(agent && { agent }) }).catch((error: unknown) => String(error));
        if (typeof done === 'string') failed.push(done);
        else if (done.status === 200) answered += 1;
        else if (done.status !== 429) failed.push(String(done.status));
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
    });
    await present(await signer.sign(HOST));
    await until('the new certificate is served', async () => {
      await hurry();
      return ![before_, undefined].includes(await issued());
    });
    // Both pods, and a while beyond.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    running = false;
    await Promise.all(load);
    kept.destroy();
    assert.deepEqual(failed, []);
    assert.ok(answered > 50, `${answered} requests were answered`);
  });

  test('nginx takes the configuration of every setting there is', async () => {
    for (const [name, conf] of Object.entries(variants())) {
      const command = 'cat >/tmp/trial.conf && nginx -t -q -e /dev/stderr -c /tmp/trial.conf';
      const said = await kubectl(
        ['exec', '-i', '-n', GUARDED.namespace, 'deploy/edge', '--', 'sh', '-c', command],
        // This pod has no split to write to.
        conf.replaceAll('/run/split/', '/tmp/'),
      );
      assert.equal(said.replace(/^.*\[notice\].*\n?/gm, ''), '', name);
    }
  });

  test('the log is one line of JSON a request, without what follows a question mark', async () => {
    const id = `trial-${Date.now()}`;
    await ask(door, { path: '/signed?X-Amz-Signature=c0ffee', headers: { 'x-request-id': id }, tls: true });
    let line: string | undefined;
    // It is written after the answer, and carried on by the node.
    await until('the request is in the log', async () => {
      const lines = await kubectl(['logs', '-n', GUARDED.namespace, '-l', 'app.kubernetes.io/name=edge', '--tail=50']);
      line = lines.split('\n').find((text) => text.includes(id));
      return line !== undefined;
    });
    const entry = JSON.parse(line!) as Record<string, string>;
    assert.deepEqual([entry['path'], entry['status'], entry['host']], ['/signed', '200', HOST]);
    assert.doesNotMatch(line!, /c0ffee/);
  });
});
