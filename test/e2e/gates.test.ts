/** The gates of the deployed platform: each opens on it as it is, and shuts on what can be wrong with the real thing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  gatesIn,
  workloadName,
  type ExportedState,
  type Kind,
  type SecretKeyRef,
} from '../../components/gates/index.ts';
import { isReady, livePods, readWorkload } from '../../components/gates/cluster.ts';
import type { Evidence, GateInputs } from '../../components/gates/gate.ts';
import type { Verdict } from '../../components/gates/judge.ts';
import type { Patience } from '../../components/gates/patience.ts';
import { ask } from '../../components/gates/run.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../infra/sandbox/host/run.ts';
import { env, inShell, platform } from './support/platform.ts';
import { clusterAt, deployTarget, PORTS, SUBJECT_OF_TARGET, type Target } from './support/target.ts';
import { until } from './support/until.ts';

const { namespace } = platform;
const cluster = await clusterAt(platform.kubeconfig);

const ONCE: Patience = {
  perTry: '5s',
  interval: '500ms',
  successes: 1,
  failureLimit: 1,
  errorLimit: 2,
  deadline: '15s',
};

let stored: GateInputs[] = [];
let target: Target;

before(async () => {
  const state = await inShell(['pulumi', 'stack', 'export', '--stack', platform.stack]);
  stored = gatesIn(JSON.parse(state) as ExportedState).map(({ inputs }) => inputs);
  target = await deployTarget(cluster, namespace, 'docker.io/library/corporate-intel-api:1.0.0');
  await cluster.core.createNamespacedSecret({
    namespace,
    body: { metadata: { name: WRONG.name }, stringData: { [WRONG.key]: CANARY } },
  });
  await target.ready();
});

after(async () => {
  await target.remove();
  await cluster.core.deleteNamespacedSecret({ namespace, name: WRONG.name });
});

const CANARY = 'canary-wr0ng/p@ssword+1';
const WRONG: SecretKeyRef = { namespace, name: 'gate-test', key: 'password' };

/** The first stored gate of that kind, so that what is tested is what the platform has. */
function gateOf<K extends Kind>(kind: K, over: Partial<GateInputs<K>> = {}): GateInputs<K> {
  const found = stored.find((inputs) => inputs.kind === kind);
  assert.ok(found, `the stack has no ${kind}`);
  return { ...(found as GateInputs<K>), patience: ONCE, ...over };
}

async function shuts(inputs: GateInputs, verdict: Verdict, reason: RegExp): Promise<Evidence> {
  const evidence = await ask(inputs);
  assert.equal(evidence.verdict, verdict, evidence.reasons.join('; '));
  assert.match(evidence.reasons.join('; '), reason);
  assert.ok(!JSON.stringify(evidence).includes('canary'), 'the password is in the evidence');
  return evidence;
}

interface Answer extends Evidence {
  readonly gate: string;
  readonly kind: Kind;
}

/** `make verify`, with its standard output and whether it succeeded. */
async function makeVerify(): Promise<{ answers: Answer[]; succeeded: boolean }> {
  const command = ['make', '--silent', '--no-print-directory', 'verify', `STACK=${platform.stack}`];
  try {
    return { answers: JSON.parse(await run(command, { cwd: CHECKOUT, env })) as Answer[], succeeded: true };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const json = error.output.slice(error.output.indexOf('[\n'), error.output.indexOf('\n]\n') + 2);
    return { answers: JSON.parse(json) as Answer[], succeeded: false };
  }
}

test('make verify asks every gate of the stack, and all of them open', async () => {
  const { answers, succeeded } = await makeVerify();
  const shut = answers.filter(({ verdict }) => verdict !== 'pass');
  assert.deepEqual(shut, []);
  assert.ok(succeeded);
  assert.deepEqual(
    answers.map(({ gate }) => gate),
    stored.map(({ name }) => name),
  );
  const kinds = new Set(answers.map(({ kind }) => kind));
  for (const kind of ['HttpGate', 'SqlGate', 'RedisGate', 'S3Gate', 'RolloutGate', 'RestartGate'] as const) {
    assert.ok(kinds.has(kind), `no ${kind} was asked`);
  }
});

test('a wrong password shuts each gate that needs one, and stands in no evidence', async () => {
  await shuts(gateOf('SqlGate', { password: WRONG }), 'fail', /password authentication failed .*28P01/);
  await shuts(gateOf('RedisGate', { password: WRONG }), 'fail', /WRONGPASS/);
  await shuts(gateOf('S3Gate', { secretKey: WRONG }), 'fail', /SignatureDoesNotMatch|InvalidAccessKeyId/);
  await shuts(gateOf('S3Gate', { accessKey: WRONG }), 'fail', /SignatureDoesNotMatch|InvalidAccessKeyId/);
});

test('a Secret or a key that is not there is named', async () => {
  const noKey = { ...WRONG, key: 'passwort' };
  await shuts(gateOf('SqlGate', { password: noKey }), 'error', /Secret .*\/gate-test has no key "passwort"/);
  const noSecret = { ...WRONG, name: 'gate-tset' };
  await shuts(gateOf('RedisGate', { password: noSecret }), 'error', /404: secrets "gate-tset" not found/);
});

test('a missing table, a wrong count and a query that would write shut the SQL gate', async () => {
  const query = (text: string, expect: GateInputs<'SqlGate'>['expect']): GateInputs<'SqlGate'> =>
    gateOf('SqlGate', { query: text, expect });
  await shuts(query('SELECT count(*) FROM not_there', { atLeast: 0 }), 'fail', /relation "not_there" does not exist/);
  const tables = 'SELECT tablename FROM pg_tables';
  await shuts(query(tables, { contains: ['companies', 'not_there'] }), 'fail', /^missing: not_there/);
  await shuts(query('SELECT count(*) FROM companies', { atLeast: 1e9 }), 'fail', /wanted at least 1000000000/);
  const undecided = {
    ...query("SELECT 'NaN'::float8", { atLeast: 0 }),
    patience: { ...ONCE, deadline: '1s' },
  } as const;
  await shuts(undecided, 'inconclusive', /NaN; wanted a finite number/);
  await shuts(query('CREATE TABLE gate_wrote_this (id int)', {}), 'fail', /read-only transaction/);
  await shuts(gateOf('SqlGate', { database: 'not_there' }), 'fail', /database "not_there" does not exist/);
});

test('a missing bucket, and one that is public or private where it should not be, shut the S3 gate', async () => {
  const { buckets } = gateOf('S3Gate');
  const missing = [...buckets, { name: 'not-there', anonymousDownload: false }];
  await shuts(gateOf('S3Gate', { buckets: missing }), 'fail', /bucket not-there is missing/);
  const names = stored.flatMap((inputs) => (inputs.kind === 'S3Gate' ? inputs.buckets : []));
  for (const open of [true, false]) {
    const bucket = names.find(({ anonymousDownload }) => anonymousDownload === open);
    assert.ok(bucket, `no bucket with anonymousDownload: ${open}`);
    const turned = [{ ...bucket, anonymousDownload: !open }];
    const reason = open ? /is allowed; wanted it denied/ : /is denied; wanted it allowed/;
    await shuts(gateOf('S3Gate', { buckets: turned }), 'fail', reason);
  }
});

test('what is live but not the subject is not judged, by any gate that looks at pods', async () => {
  for (const kind of ['HttpGate', 'SqlGate', 'RedisGate', 'S3Gate'] as const) {
    await shuts(gateOf(kind, { subject: 'another' }), 'error', /what is live is not the subject/);
  }
  const { subjects } = gateOf('RolloutGate');
  const others = Object.fromEntries(Object.keys(subjects!).map((name) => [name, 'another']));
  await shuts(gateOf('RolloutGate', { subjects: others }), 'error', /what is live is not the subject/);
  await shuts(gateOf('RestartGate', { subjects: others }), 'error', /what is live is not the subject/);
});

test('more pods than there are, and an image that no node has, shut their gates', async () => {
  await shuts(gateOf('RolloutGate', { atLeastReady: 99 }), 'fail', /pods are ready; wanted at least 99/);
  const images = ['docker.io/library/not-there:1.0.0'];
  await shuts(
    { kind: 'ImageGate', name: 'images', rules: 1, cluster: {}, images, patience: ONCE },
    'fail',
    /lacks docker\.io\/library\/not-there:1\.0\.0; run "make image"/,
  );
});

const targetGate = (port: number, patience: Partial<Patience> = {}): GateInputs<'HttpGate'> =>
  gateOf('HttpGate', {
    subject: SUBJECT_OF_TARGET,
    target: { workload: target.ref, port },
    method: 'GET',
    path: '/',
    expect: { status: 200, json: {} },
    patience: { ...ONCE, perTry: '2s', ...patience },
  });

test('a pod that is closed to its whole network is reached all the same; refused, reset and hung ports shut', async () => {
  assert.equal((await ask(targetGate(PORTS.healthy))).verdict, 'pass');
  await shuts(targetGate(PORTS.refused), 'error', /^connection refused \(pod gate-target-/);
  await shuts(targetGate(PORTS.reset), 'error', /^connection reset|^lost connection|reset by peer/);
  await shuts(targetGate(PORTS.hung), 'error', /^no answer within 2s/);
});

test('a pod that goes away in the middle is an error, and the next tries find the new one', async () => {
  const [old] = await target.pods();
  const asking = ask(
    targetGate(PORTS.healthy, { interval: '100ms', successes: 1000, errorLimit: 'none', failureLimit: 'none' }),
  );
  await cluster.core.deleteNamespacedPod({ namespace, name: old! });
  const { tries, reasons } = await asking;
  assert.ok(tries > 20, `only ${tries} tries`);
  assert.match(
    reasons.join('; '),
    /earlier, .*(has no ready pod|connection reset|connection refused|no way to the pod)/,
  );
  // The last tries passed in a row, on another pod.
  assert.match(reasons.join('; '), /[1-9]\d* of 1000 passes in a row/);
  assert.ok(!(await target.pods()).includes(old!));
});

test('a restart in the window shuts the restart gate with its exit code, and it opens when the window has passed', async () => {
  const gate = gateOf('RestartGate', {
    workloads: [target.ref],
    subjects: { [workloadName(target.ref)]: SUBJECT_OF_TARGET },
    window: '8s',
    patience: { ...ONCE, deadline: '30s' },
  });
  assert.equal((await ask({ ...gate, patience: { ...gate.patience, failureLimit: 'none' } })).verdict, 'pass');
  await ask(targetGate(PORTS.exits));
  await until('the container has been started again', async () => {
    const pods = await livePods(cluster, await readWorkload(cluster, target.ref));
    return pods.some((pod) => isReady(pod) && pod.status?.containerStatuses?.some((c) => c.restartCount > 0) === true);
  });
  await shuts(gate, 'fail', /gate-target-.*\/server restarted \d+ s ago after exit code 7; the window is 8s/);
  const later = await ask({ ...gate, patience: { ...gate.patience, failureLimit: 'none' } });
  assert.equal(later.verdict, 'pass', later.reasons.join('; '));
});

const PARTS = [
  ['postgres', /database/],
  ['redis', /redis/],
  ['minio', /minio/],
] as const;

const scale = async (name: string, replicas: number): Promise<void> => {
  const body = await cluster.apps.readNamespacedStatefulSetScale({ namespace, name });
  await cluster.apps.replaceNamespacedStatefulSetScale({ namespace, name, body: { ...body, spec: { replicas } } });
};

const readyPods = async (name: string): Promise<number> => {
  const pods = await livePods(cluster, await readWorkload(cluster, { namespace, kind: 'StatefulSet', name }));
  return pods.filter(isReady).length;
};

test('with its real dependency cut, the API’s own gate shuts, and opens again once it is back', async () => {
  const endpoint = (path: RegExp): GateInputs => {
    const found = stored.find((inputs) => inputs.kind === 'HttpGate' && path.test(inputs.path));
    assert.ok(found, `no gate asks ${path}`);
    return { ...found, patience: ONCE };
  };
  const gates = PARTS.map(([, path]) => endpoint(new RegExp(`health/.*${path.source}`)));
  for (const gate of gates) assert.equal((await ask(gate)).verdict, 'pass', gate.name);
  try {
    await Promise.all(PARTS.map(([name]) => scale(name, 0)));
    await until('all data stores are gone', async () => {
      const left = await Promise.all(PARTS.map(([name]) => readyPods(name)));
      return left.every((count) => count === 0);
    });
    for (const gate of gates) {
      const { verdict, reasons } = await ask(gate);
      assert.notEqual(verdict, 'pass', gate.name);
      assert.match(reasons.join('; '), /answered 503|no ready pod|no answer within/, gate.name);
    }
    const { answers, succeeded } = await makeVerify();
    assert.ok(!succeeded, 'make verify succeeds with all data stores gone');
    const open = answers
      .filter(({ verdict, kind }) => verdict === 'pass' && kind !== 'ImageGate')
      .map(({ gate }) => gate);
    assert.ok(
      !open.some((gate) => /database|redis|minio|bucket|tables|healthy/.test(gate)),
      `open: ${open.join(', ')}`,
    );
  } finally {
    await Promise.all(PARTS.map(([name]) => scale(name, 1)));
  }
  const back: Patience = { ...ONCE, failureLimit: 'none', errorLimit: 'none', deadline: '90s' };
  for (const gate of [gateOf('RolloutGate'), ...gates]) {
    const { verdict, reasons } = await ask({ ...gate, patience: back });
    assert.equal(verdict, 'pass', `${gate.name}: ${reasons.join('; ')}`);
  }
});

test('afterwards every gate of the platform opens again', async () => {
  const { answers, succeeded } = await makeVerify();
  assert.deepEqual(
    answers.filter(({ verdict }) => verdict !== 'pass').map(({ gate, reasons }) => [gate, ...reasons]),
    [],
  );
  assert.ok(succeeded);
});
