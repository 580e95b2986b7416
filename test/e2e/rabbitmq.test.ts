/**
 * RabbitMQ loses the node that leads a queue, by force and by a network that is cut, while a client publishes through the
 * Service `rabbitmq`. The promise: a message that was confirmed is delivered, at least once.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { selector } from '../../components/core/index.ts';
import { cutOff } from './support/cut.ts';
import { lodge, type Lodger } from './support/lodger.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const { namespace, state } = rehearsal;
/** Seconds within which a message is confirmed again: until the silence is noticed, an election, and a new connection. */
const AGAIN = 45;
/** Nothing that an earlier run has left is taken for this one's. */
const RUN = Date.now().toString(36);
const VHOST = 'corporate_intel';
const NODES = ['rabbitmq-0', 'rabbitmq-1', 'rabbitmq-2'] as const;

const CONNECT = `
import os, signal, ssl, sys, time, amqp
# The library waits for a server that went away without a word as long as it takes; whoever waits longer than this does not.
def enough(*_): raise TimeoutError('no answer')
signal.signal(signal.SIGALRM, enough)
with open('/tmp/ca.crt', 'w') as file: file.write(os.environ['CA'])
TLS = {'cert_reqs': ssl.CERT_REQUIRED, 'ca_certs': '/tmp/ca.crt', 'server_hostname': 'rabbitmq'}
def connect():
    connection = amqp.Connection('rabbitmq:5671', 'corporate_intel', os.environ['PASSWORD'], virtual_host='${VHOST}',
                                 confirm_publish=True, connect_timeout=2, ssl=TLS)
    connection.connect()
    return connection, connection.channel()
`;

/** Numbers, each published until it is confirmed. Prints \`<number> confirmed\`, and \`<number> retried <why>\`. */
const PUBLISHER = `${CONNECT}
n, connection = 1, None
while True:
    try:
        signal.alarm(5)
        if connection is None:
            connection, channel = connect()
            # Nothing is said of its type: it is the virtual host that makes it a quorum queue.
            channel.queue_declare(sys.argv[1], durable=True, auto_delete=False)
        channel.basic_publish(amqp.Message(str(n), delivery_mode=2), routing_key=sys.argv[1], mandatory=True)
        print(n, 'confirmed')
        n += 1
        time.sleep(0.01)
    except (amqp.AMQPError, amqp.exceptions.MessageNacked, OSError) as error:
        print(n, 'retried', type(error).__name__)
        signal.alarm(0)
        connection = None
        time.sleep(0.2)
`;

/** Takes everything out of a queue, acknowledges it, and removes the queue. Prints each number that it finds. */
const CONSUMER = `${CONNECT}
connection, channel = connect()
while True:
    message = channel.basic_get(sys.argv[1])
    if message is None: break
    print(message.body)
    channel.basic_ack(message.delivery_tag)
channel.queue_delete(sys.argv[1])
`;

/**
 * What each node says in its metrics, as JSON: whom it is connected to, and which queues it leads. A node that does not
 * run says nothing. Asking so costs nothing; each call of `rabbitmqctl` starts an Erlang.
 */
const NODES_SAY = `
import json, re, urllib.request
said = {}
for node in ${JSON.stringify(NODES)}:
    try:
        def get(path): return urllib.request.urlopen(f'http://{node}.rabbitmq-members:15692/metrics{path}', timeout=10).read().decode()
        peers = re.findall(r'^erlang_vm_dist_node_state\\{peer="rabbit@([^."]+)[^"]*"\\} 3', get(''), re.M)
        leads = re.findall(r'^rabbitmq_detailed_queue_messages\\{.*queue="([^"]+)"', get('/detailed?vhost=${VHOST}&family=queue_coarse_metrics'), re.M)
        said[node] = {'peers': sorted(peers), 'leads': leads}
    except OSError: pass
print(json.dumps(said))
`;

interface Said {
  readonly peers: string[];
  readonly leads: string[];
}

let lodger: Lodger;
before(async () => {
  lodger = await lodge(rehearsal, {
    name: 'rabbitmq-publisher',
    reaches: [5671, 15692].map((port) => ({ pods: selector({ component: 'rabbitmq', instance: 'rabbitmq' }), port })),
    secrets: {
      PASSWORD: { name: 'rabbitmq-auth', key: 'password' },
      CA: { name: 'rabbitmq-tls', key: 'ca.crt' },
    },
  });
  await restartStuck();
  await whole();
});
after(() => lodger.leave());

const nodes = async (): Promise<Partial<Record<string, Said>>> =>
  JSON.parse(await lodger.python(NODES_SAY)) as Partial<Record<string, Said>>;

/** What a run before this one may have left: a node that stands still, which its probes would end in the end. */
async function restartStuck(): Promise<void> {
  for (const name of NODES) {
    const { status } = await lodger.core.readNamespacedPod({ namespace, name });
    const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
    if (!ready) await lodger.core.deleteNamespacedPod({ namespace, name });
  }
}

/** Waits until each node runs, and is connected to all others. */
const whole = (): Promise<void> =>
  until(
    'three nodes run, by the word of each',
    async () => {
      const all = Object.values(await nodes());
      return all.length === NODES.length && all.every((said) => said?.peers.length === NODES.length - 1);
    },
    // Five minutes: RabbitMQ 3.10 can hang in its boot, which its startup probe ends then. Else it is back in half of one.
    420_000,
  );

/** The node that leads a queue. */
async function leaderOf(queue: string): Promise<string> {
  let leader: string | undefined;
  await until(`somebody leads ${queue}`, async () => {
    leader = Object.entries(await nodes()).find(([, said]) => said?.leads.includes(queue))?.[0];
    return leader !== undefined;
  });
  return leader!;
}

interface Published {
  readonly confirmed: number[];
  retried: number;
  /** The longest time between two confirms, in seconds. */
  longest: number;
}

/** Publishes while `lose` takes the leader of the queue away, until messages are confirmed and all nodes run again. */
async function underLoad(name: string, lose: (leader: string) => Promise<void>): Promise<Published> {
  const published: Published = { confirmed: [], retried: 0, longest: 0 };
  let last = 0;
  const errand = lodger.start(PUBLISHER, [name], (line) => {
    const [n, kind] = line.split(' ');
    if (kind !== 'confirmed') {
      published.retried += 1;
      return;
    }
    published.confirmed.push(Number(n));
    const now = performance.now();
    if (last > 0) published.longest = Math.max(published.longest, (now - last) / 1000);
    last = now;
  });
  const more = async (): Promise<void> => {
    const before = published.confirmed.length;
    await until('messages are confirmed', () => Promise.resolve(published.confirmed.length > before + 100));
  };
  try {
    await more();
    await lose(await leaderOf(name));
    await more();
    await whole();
    await more();
  } finally {
    await errand.stop();
  }
  return published;
}

async function judged(title: string, name: string, lose: (leader: string) => Promise<void>): Promise<void> {
  const { confirmed, retried, longest } = await underLoad(name, lose);
  const delivered = (await lodger.python(CONSUMER, name)).split('\n').filter(Boolean).map(Number);
  const distinct = new Set(delivered);
  const missing = confirmed.filter((n) => !distinct.has(n));
  console.log(
    `    ${title}: ${confirmed.length} messages confirmed, ${missing.length} of them missing; ` +
      `${delivered.length - distinct.size} delivered twice, ${retried} tries failed; longest pause ${longest.toFixed(1)} s`,
  );
  assert.deepEqual(missing, []);
  assert.ok(longest < AGAIN, `${longest} s without a confirm`);
}

const byForce = async (leader: string): Promise<void> => {
  const { metadata } = await lodger.core.readNamespacedPod({ namespace, name: leader });
  await lodger.core.deleteNamespacedPod({ namespace, name: leader, gracePeriodSeconds: 0 });
  await until(`${leader} is made anew`, async () => {
    const pod = await lodger.core.readNamespacedPod({ namespace, name: leader });
    return pod.metadata?.uid !== metadata?.uid;
  });
};

const byNetwork = async (leader: string): Promise<void> => {
  const pod = await lodger.core.readNamespacedPod({ namespace, name: leader });
  const heal = await cutOff(state, pod.status!.podIP!);
  try {
    await until('the others count it as lost, and it is out of the Service', async () => {
      const others = Object.entries(await nodes()).filter(([node]) => node !== leader);
      if (others.length === 0 || others.some(([, said]) => said?.peers.includes(leader))) return false;
      const { status } = await lodger.core.readNamespacedPod({ namespace, name: leader });
      return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False') === true;
    });
  } finally {
    await heal();
  }
};

describe('a node that is lost while it leads', () => {
  test('by force: publishing goes on, every confirmed message is delivered, and three nodes run again', () =>
    judged('lost by force', `lost-by-force-${RUN}`, byForce));
  test('by its network: the same; the node that is cut off stops, and joins again by itself', () =>
    judged('cut off', `cut-off-${RUN}`, byNetwork));
});

test('a queue of no stated type is a quorum queue on all three nodes', async () => {
  await lodger.python(`${CONNECT}
connection, channel = connect()
channel.queue_declare('no-type', durable=True, auto_delete=False)
try:
    channel.queue_declare('no-type', durable=True, auto_delete=False, arguments={'x-queue-type': 'classic'})
    sys.exit('it is a classic queue')
except amqp.exceptions.PreconditionFailed as error:
    assert "'quorum'" in str(error), error
`);
  const leader = await leaderOf('no-type');
  const status = await lodger.exec(leader, 'rabbitmq', [
    ...['rabbitmq-queues', '--quiet', '--formatter=json', 'quorum_status', '--vhost', VHOST, 'no-type'],
  ]);
  assert.equal((JSON.parse(status) as unknown[]).length, NODES.length);
  await lodger.python(CONSUMER, 'no-type');
});

test('what a client of the application may not do is refused: another virtual host, and a user that is not stated', async () => {
  const attempt = (user: string, password: string, vhost: string): Promise<string> =>
    lodger.python(
      `${CONNECT}
try:
    amqp.Connection('rabbitmq:5671', '${user}', ${password}, virtual_host='${vhost}', connect_timeout=5, read_timeout=10, ssl=TLS).connect()
    print('let in')
except (amqp.AMQPError, OSError) as error:
    print(type(error).__name__)
`,
    );
  const own = "os.environ['PASSWORD']";
  assert.equal((await attempt('corporate_intel', own, VHOST)).trim(), 'let in');
  assert.equal((await attempt('corporate_intel', own, '/')).trim(), 'NotAllowed');
  assert.match((await attempt('guest', "'guest'", VHOST)).trim(), /AccessRefused/);
});
