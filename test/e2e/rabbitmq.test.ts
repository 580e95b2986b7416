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
const VHOST = 'corporate_intel';
const NODES = ['rabbitmq-0', 'rabbitmq-1', 'rabbitmq-2'] as const;

const CONNECT = `
import os, sys, time, socket, amqp
def connect():
    connection = amqp.Connection('rabbitmq:5672', 'corporate_intel', os.environ['PASSWORD'], virtual_host='${VHOST}',
                                 confirm_publish=True, connect_timeout=2, read_timeout=4, write_timeout=4)
    connection.connect()
    return connection, connection.channel()
`;

/** Numbers, each published until it is confirmed. Prints \`<number> confirmed\`, and \`<number> retried <why>\`. */
const PUBLISHER = `${CONNECT}
n, connection = 1, None
while True:
    try:
        if connection is None:
            connection, channel = connect()
            # Nothing is said of its type: it is the virtual host that makes it a quorum queue.
            channel.queue_declare(sys.argv[1], durable=True, auto_delete=False)
        channel.basic_publish(amqp.Message(str(n), delivery_mode=2), routing_key=sys.argv[1], mandatory=True, timeout=4)
        print(n, 'confirmed')
        n += 1
        time.sleep(0.01)
    except (amqp.AMQPError, OSError) as error:
        print(n, 'retried', type(error).__name__)
        try: connection and connection.transport and connection.transport.close()
        except OSError: pass
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

let lodger: Lodger;
before(async () => {
  lodger = await lodge(rehearsal, {
    name: 'rabbitmq-publisher',
    reaches: [{ pods: selector({ component: 'rabbitmq', instance: 'rabbitmq' }), port: 5672 }],
    secrets: { PASSWORD: { name: 'rabbitmq-auth', key: 'password' } },
  });
  await whole();
});
after(() => lodger.leave());

const rabbitmqctl = async <T>(node: string, ...command: string[]): Promise<T> =>
  JSON.parse(await lodger.exec(node, 'rabbitmq', ['rabbitmqctl', '--quiet', '--formatter=json', ...command])) as T;

const podOf = (node: string): string => node.replace(/^rabbit@([^.]+)\..*$/, '$1');

async function running(node: string): Promise<string[]> {
  const { running_nodes: nodes } = await rabbitmqctl<{ running_nodes: string[] }>(node, 'cluster_status');
  return nodes.map(podOf).toSorted();
}

/** Waits until each node knows all nodes to be running. */
const whole = (): Promise<void> =>
  until(
    'three nodes run, by the word of each',
    async () => {
      for (const node of NODES) if ((await running(node)).join() !== NODES.join()) return false;
      return true;
    },
    120_000,
  );

interface Queue {
  readonly name: string;
  readonly type: string;
  readonly leader: string;
  readonly members: string[];
}

async function queue(name: string): Promise<Queue> {
  const all = await rabbitmqctl<Queue[]>(NODES[0], 'list_queues', '-p', VHOST, 'name', 'type', 'leader', 'members');
  const found = all.find((each) => each.name === name);
  assert.ok(found, `no queue ${name}`);
  return found;
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
    const { type, leader, members } = await queue(name);
    assert.equal(type, 'quorum');
    assert.equal(members.length, NODES.length);
    await lose(podOf(leader));
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
      const other = NODES.find((node) => node !== leader)!;
      if ((await running(other)).includes(leader)) return false;
      const { status } = await lodger.core.readNamespacedPod({ namespace, name: leader });
      return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'False') === true;
    });
  } finally {
    await heal();
  }
};

describe('a node that is lost while it leads', () => {
  test('by force: publishing goes on, every confirmed message is delivered, and three nodes run again', () =>
    judged('lost by force', 'test-lost-by-force', byForce));
  test('by its network: the same; the node that is cut off stops, and joins again by itself', () =>
    judged('cut off', 'test-cut-off', byNetwork));
});

test('what a client of the application may not do is refused: another virtual host, and a user that is not stated', async () => {
  const attempt = (user: string, password: string, vhost: string): Promise<string> =>
    lodger.python(
      `import os, amqp
try:
    amqp.Connection('rabbitmq:5672', '${user}', ${password}, virtual_host='${vhost}', connect_timeout=5, read_timeout=10).connect()
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
