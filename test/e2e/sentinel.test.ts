/**
 * Redis with Sentinel loses its master, by force and by a network that is cut, while a client writes through the Service
 * `redis`. The promise: a write that `WAIT 1` has counted a replica for outlives the loss of any one member.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { proxyIdentity } from '../../components/redis/index.ts';
import { selector } from '../../components/core/index.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutOff, loseNames } from './support/cut.ts';
import { lodge, type Lodger } from './support/lodger.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const { namespace, state } = rehearsal;
/** Seconds within which a write is acknowledged again: 5 until the master counts as lost, then election, check, retry. */
const AGAIN = 30;
/** Nothing that an earlier run has left is taken for this one's. */
const RUN = Date.now().toString(36);
const MEMBERS = ['redis-0', 'redis-1', 'redis-2'] as const;

/** Numbers, each written once, acknowledged when a replica has it. Prints `<number> <kind>` for every one. */
const WRITER = `
import os, sys, time, redis
prefix, n, client = sys.argv[1], 0, None
while True:
    n += 1
    try:
        if client is None:
            client = redis.Redis('redis', 6379, password=os.environ['PASSWORD'], socket_timeout=3, socket_connect_timeout=1)
        client.set(f'{prefix}:{n}', n)
        kind = 'acknowledged' if client.execute_command('WAIT', 1, 1000) >= 1 else 'alone'
    except redis.RedisError as error:
        kind, client = f'refused {type(error).__name__}', None
    print(n, kind)
    time.sleep(0.01)
`;

/** Which of the numbers are not there. */
const READER = `
import os, sys, redis
client = redis.Redis('redis', 6379, password=os.environ['PASSWORD'], socket_timeout=5)
numbers = list(range(1, int(sys.argv[2]) + 1))
for begin in range(0, len(numbers), 1000):
    part = numbers[begin:begin + 1000]
    for n, value in zip(part, client.mget([f'{sys.argv[1]}:{n}' for n in part])):
        if value is None or int(value) != n: print(n)
`;

let lodger: Lodger;
before(async () => {
  lodger = await lodge(rehearsal, {
    name: 'redis-writer',
    reaches: [{ pods: selector(proxyIdentity('redis', '')), port: 6379 }],
    secrets: { PASSWORD: { name: 'redis-auth', key: 'password' } },
  });
});
after(() => lodger.leave());

const redis = (pod: string, ...command: string[]): Promise<string> =>
  lodger.exec(pod, 'redis', ['timeout', '5', 'redis-cli', ...command]);

/** What `INFO` says of a member and of its Sentinel. */
type Said = ReadonlyMap<string, string>;

/** Asks members, all from within one of them. Those that do not answer have said nothing. */
async function asked(from: string, members: readonly string[]): Promise<Map<string, Said>> {
  const script = members.map(
    (pod) =>
      `echo "# ${pod}"; timeout 3 redis-cli -h ${pod} info replication; ` +
      `REDISCLI_AUTH=$SENTINEL_PASSWORD timeout 3 redis-cli -h ${pod} -p 26379 info sentinel`,
  );
  const text = await lodger.exec(from, 'redis', ['sh', '-c', `${script.join('; ')}; true`]);
  const said = new Map<string, Map<string, string>>(members.map((pod) => [pod, new Map()]));
  let about = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('# redis-')) about = line.slice(2);
    const [key, ...rest] = line.split(':');
    if (rest.length > 0) said.get(about)?.set(key!, rest.join(':'));
  }
  return said;
}

/** The master, once there is one that all others follow. @param awake the Sentinels of the others take part, too */
async function whole(awake = false): Promise<string> {
  let master: string | undefined;
  let turn = 0;
  await until(
    `one leads and two follow it${awake ? ', and watch' : ''}`,
    async () => {
      const all = [...(await asked(MEMBERS[turn++ % MEMBERS.length]!, MEMBERS))];
      master = all.find(([, said]) => said.get('role') === 'master')?.[0];
      return (
        master !== undefined &&
        all.every(
          ([pod, said]) =>
            pod === master ||
            (said.get('master_link_status') === 'up' &&
              said.get('master_host')?.startsWith(`${master!}.`) === true &&
              // For half a minute after it was cut off, a Sentinel only looks on: what comes is one fault at a time.
              (!awake || said.get('sentinel_tilt') === '0')),
        )
      );
    },
    120_000,
  );
  return master!;
}

const podIp = async (name: string): Promise<string> =>
  (await lodger.core.readNamespacedPod({ namespace, name })).status!.podIP!;

interface Written {
  readonly acknowledged: number[];
  /** Acknowledged by the master, and by no replica in time. */
  readonly alone: number[];
  refused: number;
  /** The longest time between two acknowledgements, in seconds. */
  longest: number;
}

/** Writes while `lose` takes the master away; ends once writes are acknowledged again and the members are whole. */
async function underLoad(prefix: string, lose: (master: string) => Promise<void>): Promise<Written> {
  const master = await whole(true);
  const written: Written = { acknowledged: [], alone: [], refused: 0, longest: 0 };
  let last = 0;
  const errand = lodger.start(WRITER, [prefix], (line) => {
    const [n, kind] = [Number(line.split(' ')[0]), line.split(' ')[1]];
    if (kind === 'refused') written.refused += 1;
    else if (kind === 'alone') written.alone.push(n);
    else {
      written.acknowledged.push(n);
      const now = performance.now();
      if (last > 0) written.longest = Math.max(written.longest, (now - last) / 1000);
      last = now;
    }
  });
  try {
    await until('writes are acknowledged', () => Promise.resolve(written.acknowledged.length > 100));
    await lose(master);
    const now = await whole();
    assert.notEqual(now, master, 'nobody else was chosen');
    const before = written.acknowledged.length;
    await until('writes are acknowledged again', () => Promise.resolve(written.acknowledged.length > before + 100));
  } finally {
    await errand.stop();
  }
  return written;
}

/** The numbers that are gone, of all that were tried. */
async function missing(prefix: string, { acknowledged, alone }: Written): Promise<Set<number>> {
  const highest = Math.max(...acknowledged, ...alone);
  const lines = await lodger.python(READER, prefix, String(highest));
  return new Set(lines.split('\n').filter(Boolean).map(Number));
}

async function judged(title: string, prefix: string, lose: (master: string) => Promise<void>): Promise<void> {
  const written = await underLoad(prefix, lose);
  const gone = await missing(prefix, written);
  const lost = written.acknowledged.filter((n) => gone.has(n));
  console.log(
    `    ${title}: ${written.acknowledged.length} writes acknowledged by a replica, ${lost.length} of them lost; ` +
      `${written.alone.length} by the master alone, ${written.alone.filter((n) => gone.has(n)).length} of them lost; ` +
      `${written.refused} refused; longest pause ${written.longest.toFixed(1)} s`,
  );
  assert.deepEqual(lost, []);
  assert.ok(written.longest < AGAIN, `${written.longest} s without an acknowledged write`);
}

const byForce = async (master: string): Promise<void> => {
  const { metadata } = await lodger.core.readNamespacedPod({ namespace, name: master });
  await lodger.core.deleteNamespacedPod({ namespace, name: master, gracePeriodSeconds: 0 });
  await until(`${master} is back`, async () => {
    const pod = await lodger.core.readNamespacedPod({ namespace, name: master });
    return pod.metadata?.uid !== metadata?.uid && pod.status?.containerStatuses?.every(({ ready }) => ready) === true;
  });
};

const byNetwork = async (master: string): Promise<void> => {
  const heal = await cutOff(state, await podIp(master));
  try {
    await until('another leads', async () => {
      const others = MEMBERS.filter((pod) => pod !== master);
      return [...(await asked(others[0]!, others))].some(([, said]) => said.get('role') === 'master');
    });
    // Alone, and not knowing: it may still call itself master, but acknowledges nothing any more.
    await until('the one cut off refuses writes', async () =>
      /NOREPLICAS/.test(await redis(master, 'set', 'written-by-the-lost-one', 'yes')),
    );
  } finally {
    await heal();
  }
};

describe('a master that is lost', () => {
  for (const turn of [1, 2]) {
    test(`by force, ${turn} of 2: another is promoted, no write that a replica had counted is lost, and the old one follows`, () =>
      judged(`lost by force, ${turn}`, `${RUN}-force-${turn}`, byForce));
    test(`by its network, ${turn} of 2: the same, and the one cut off acknowledges nothing`, () =>
      judged(`cut off, ${turn}`, `${RUN}-cut-${turn}`, byNetwork));
  }
});

test('a master that is asked to leave hands over first: no acknowledged write is lost, whether a replica had counted it or not', async () => {
  const written = await underLoad(`${RUN}-leave`, async (master) => {
    const uid = (await lodger.core.readNamespacedPod({ namespace, name: master })).metadata?.uid;
    await lodger.core.deleteNamespacedPod({ namespace, name: master });
    await until(`${master} is gone`, async () => {
      const { items } = await lodger.core.listNamespacedPod({ namespace, fieldSelector: `metadata.name=${master}` });
      return items.every((pod) => pod.metadata?.uid !== uid);
    });
  });
  const gone = await missing(`${RUN}-leave`, written);
  const lost = [...written.acknowledged, ...written.alone].filter((n) => gone.has(n));
  console.log(
    `    handed over: ${written.acknowledged.length + written.alone.length} writes acknowledged, ${lost.length} of them lost; ` +
      `longest pause ${written.longest.toFixed(1)} s`,
  );
  assert.deepEqual(lost, []);
});

test('packets of DNS that are lost now and then make no Sentinel distrust its clock, which would keep it from its work', async () => {
  await whole(true);
  const names = await loseNames(state, await Promise.all(MEMBERS.map(podIp)));
  try {
    // A Sentinel that does is in this state for half a minute, and so is seen.
    for (const end = Date.now() + 45_000; Date.now() < end;) {
      await sleep(5000);
      for (const [pod, said] of await asked('redis-0', MEMBERS)) assert.notEqual(said.get('sentinel_tilt'), '1', pod);
    }
    const lost = await names.lost();
    console.log(`    ${lost} packets of DNS lost`);
    assert.ok(lost >= 5, `only ${lost} packets were lost`);
  } finally {
    await names.heal();
  }
});

test('the Sentinels name the master to those who ask them, by a name that outlives its pod', async () => {
  const master = await whole();
  const said = await lodger.exec(master, 'sentinel', [
    ...['redis-cli', '-h', 'redis-sentinel', '-p', '26379', 'sentinel', 'get-master-addr-by-name', 'redis'],
  ]);
  assert.equal(said.split('\n')[0], `${master}.${namespace}.svc.cluster.local`);
});
