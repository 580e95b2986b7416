/**
 * Losing the leader of the replicated PostgreSQL, again and again, under load: how long until a write is acknowledged
 * again, and whether anything that was acknowledged is gone. For the test of a few losses and the bench of many.
 */
import type { V1NetworkPolicy, V1Pod } from '@kubernetes/client-node';
import { isReady, livePods, readWorkload, type Cluster } from '../../../components/gates/cluster.ts';
import { kube } from '../../../infra/sandbox/build/index.ts';
import { indexOf } from '../../../infra/sandbox/host/claim.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import { inside } from '../../../infra/sandbox/node/addons.ts';
import { addressesOf } from '../../../infra/sandbox/node/addresses.ts';
import { say } from '../../../infra/sandbox/host/progress.ts';
import { clusterAt } from './target.ts';
import { until } from './until.ts';
import { Writer, WRITER } from './writer.ts';

/** `deleted`: the pod by force, without a moment to say goodbye. `cut`: all of its network, to the API server too. */
export type Way = 'deleted' | 'cut';

/** One loss. Times in milliseconds. */
export interface Loss {
  readonly way: Way;
  readonly lost: string;
  readonly successor: string;
  /** From the loss to the first write that another server acknowledged. */
  readonly back: number;
}

export interface Report {
  readonly losses: readonly Loss[];
  readonly acknowledged: number;
  /** Acknowledged rows that are not there in the end. */
  readonly missing: readonly string[];
  /** Servers that acknowledged a write after another one had begun to. */
  readonly overlaps: readonly string[];
  /** Writes that a leader acknowledged on its own socket while it was cut off. */
  readonly acknowledgedWhileCut: number;
}

export interface Place {
  readonly state: string;
  readonly kubeconfig: string;
  readonly namespace: string;
}

const NAME = 'postgres';
/** Milliseconds. Two members and a bit more than the time in which a leader may be silent. */
const WHOLE = 180_000;
const BACK = 90_000;
/** Seconds that a leader which is cut off is asked to acknowledge a write of its own. */
const TRIES = 12;

const selector = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/instance': NAME };

export class Rehearsal {
  readonly #place: Place;
  readonly #cluster: Cluster;
  readonly #kubectl: string;
  #superuser = '';

  private constructor(place: Place, cluster: Cluster, kubectl: string) {
    this.#place = place;
    this.#cluster = cluster;
    this.#kubectl = kubectl;
  }

  /** Looks who may write, and opens the way for a writer. {@link close} it in any case. */
  static async open(place: Place): Promise<Rehearsal> {
    const cluster = await clusterAt(place.kubeconfig);
    const made = new Rehearsal(place, cluster, `${await kube()}/kubectl`);
    const { data } = await cluster.core.readNamespacedSecret({ namespace: place.namespace, name: `${NAME}-auth` });
    const file = Buffer.from(data!['3-passwords.yml']!, 'base64').toString('utf8');
    const parsed = JSON.parse(file) as { postgresql: { authentication: { superuser: { username: string } } } };
    made.#superuser = parsed.postgresql.authentication.superuser.username;
    await made.#openWay();
    return made;
  }

  /** Loses the leader in each of these ways, in this order, while a writer writes. */
  async lose(ways: readonly Way[]): Promise<Report> {
    await this.#whole();
    await this.#sql('DROP TABLE IF EXISTS acknowledged', 'CREATE TABLE acknowledged (writer int, n bigint, pad text)');
    const writer = await Writer.start(this.#exec(WRITER), this.#superuser, NAME);
    const losses: Loss[] = [];
    let acknowledgedWhileCut = 0;
    try {
      await until('the writer has written', () => Promise.resolve(writer.acks.length > 100));
      for (const [at, way] of ways.entries()) {
        await this.#whole();
        const lost = await this.#leader();
        const { ip } = await this.#pod(lost);
        const heal = way === 'cut' ? await this.#wayToCut(ip) : undefined;
        const began = Date.now();
        let tried: Promise<boolean> | undefined;
        if (heal) {
          await heal.cut();
          tried = this.#acknowledges(lost);
        } else await this.#delete(lost);
        try {
          await until(
            `a write is acknowledged after the loss of ${lost}`,
            () => Promise.resolve(writer.after(began, ip) !== undefined),
            BACK,
          );
          if ((await tried) === true) acknowledgedWhileCut++;
        } finally {
          await heal?.heal();
        }
        const back = writer.after(began, ip)!.at - began;
        const successor = await this.#leader();
        losses.push({ way, lost, successor, back });
        say(
          `  ${at + 1} of ${ways.length}: ${lost} ${way}, ${successor} acknowledges after ${(back / 1000).toFixed(1)} s`,
        );
      }
      await this.#whole();
    } finally {
      await writer.stop();
    }
    const kept = new Set((await this.#sql("SELECT writer || ' ' || n FROM acknowledged")).split('\n'));
    const missing = writer.acks.map(({ row }) => row).filter((row) => !kept.has(row));
    const overlaps = writer.overlaps();
    await this.#sql('DROP TABLE acknowledged');
    return { losses, acknowledged: writer.acks.length, missing, overlaps, acknowledgedWhileCut };
  }

  async close(): Promise<void> {
    const { namespace } = this.#place;
    const ignored = (): undefined => undefined;
    await this.#cluster.core.deleteNamespacedPod({ namespace, name: WRITER, gracePeriodSeconds: 0 }).catch(ignored);
    const { NetworkingV1Api } = await import('@kubernetes/client-node');
    const network = this.#cluster.config.makeApiClient(NetworkingV1Api);
    for (const name of [`${WRITER}-egress`, `${WRITER}-ingress`])
      await network.deleteNamespacedNetworkPolicy({ namespace, name }).catch(ignored);
  }

  /** A pod that may reach the database, in the image of the database: it has Python and a driver. */
  async #openWay(): Promise<void> {
    await this.close();
    const { namespace } = this.#place;
    const set = await readWorkload(this.#cluster, { namespace, kind: 'StatefulSet', name: NAME });
    const image = set.spec!.template.spec!.containers[0]!.image!;
    const app = { app: WRITER };
    const { NetworkingV1Api } = await import('@kubernetes/client-node');
    const network = this.#cluster.config.makeApiClient(NetworkingV1Api);
    const sql = [{ protocol: 'TCP', port: 5432 }];
    const policy = (name: string, spec: V1NetworkPolicy['spec']) =>
      network.createNamespacedNetworkPolicy({ namespace, body: { metadata: { name }, spec: spec! } });
    await policy(`${WRITER}-egress`, {
      podSelector: { matchLabels: app },
      policyTypes: ['Egress'],
      egress: [
        { to: [{ podSelector: { matchLabels: selector } }], ports: sql },
        { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }] },
      ],
    });
    await policy(`${WRITER}-ingress`, {
      podSelector: { matchLabels: selector },
      policyTypes: ['Ingress'],
      ingress: [{ _from: [{ podSelector: { matchLabels: app } }], ports: sql }],
    });
    const security = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
    const container = {
      name: 'writer',
      image,
      command: ['sleep', '7200'],
      env: [{ name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: `${NAME}-auth`, key: 'password' } } }],
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
      securityContext: security,
    };
    const body: V1Pod = {
      metadata: { name: WRITER, labels: app },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
      },
    };
    await until('the last writer is gone', async () => {
      const { items } = await this.#cluster.core.listNamespacedPod({ namespace, labelSelector: `app=${WRITER}` });
      return items.length === 0;
    });
    await this.#cluster.core.createNamespacedPod({ namespace, body });
    await until('the writer is ready', async () =>
      isReady(await this.#cluster.core.readNamespacedPod({ namespace, name: WRITER })),
    );
  }

  #exec(pod: string): string[] {
    const { kubeconfig, namespace } = this.#place;
    return [this.#kubectl, `--kubeconfig=${kubeconfig}`, '--namespace', namespace, 'exec', '-i', pod, '--'];
  }

  /** Statements by the superuser on the leader's own socket. */
  async #sql(...statements: readonly string[]): Promise<string> {
    return this.#sqlAt(await this.#leader(), ...statements);
  }

  async #sqlAt(pod: string, ...statements: readonly string[]): Promise<string> {
    const psql = [
      '/usr/lib/postgresql/15/bin/psql',
      '-XqAt',
      '-v',
      'ON_ERROR_STOP=1',
      '-U',
      this.#superuser,
      '-d',
      'postgres',
    ];
    const commands = statements.flatMap((statement) => ['-c', statement]);
    return (await run([...this.#exec(pod), ...psql, ...commands])).trim();
  }

  async #leader(): Promise<string> {
    const { leader } = await this.#record('leader');
    if (leader === undefined) throw new Error('nobody leads');
    return leader;
  }

  /** What Patroni keeps in the Kubernetes API. */
  async #record(of: 'leader' | 'sync'): Promise<Readonly<Record<string, string>>> {
    const place = { namespace: this.#place.namespace, name: `${NAME}-${of}` };
    return (await this.#cluster.core.readNamespacedConfigMap(place)).metadata?.annotations ?? {};
  }

  async #pod(name: string): Promise<{ ip: string }> {
    const pod = await this.#cluster.core.readNamespacedPod({ namespace: this.#place.namespace, name });
    return { ip: pod.status!.podIP! };
  }

  /**
   * All members are ready, the leader streams to all others, and it has written down which of them has everything. Until
   * then, at most one round of Patroni's after a failover, a second loss is waited out: nobody may know who to follow.
   */
  #whole(): Promise<void> {
    const { namespace } = this.#place;
    return until(
      'the cluster is whole',
      async () => {
        const set = await readWorkload(this.#cluster, { namespace, kind: 'StatefulSet', name: NAME });
        const ready = (await livePods(this.#cluster, set)).filter(isReady).length;
        const members = set.spec!.replicas!;
        const leader = await this.#leader();
        const known = await this.#record('sync');
        const standby = known['sync_standby'];
        if (ready !== members || known['leader'] !== leader || standby === undefined) return false;
        const query = `SELECT count(*), count(*) FILTER (WHERE sync_state = 'sync' AND application_name = '${standby}') FROM pg_stat_replication WHERE state = 'streaming'`;
        return (await this.#sqlAt(leader, query)) === `${members - 1}|1`;
      },
      WHOLE,
    );
  }

  async #delete(name: string): Promise<void> {
    await this.#cluster.core.deleteNamespacedPod({
      namespace: this.#place.namespace,
      name,
      gracePeriodSeconds: 0,
    });
  }

  /** Everything of the pod's network but its own loopback is dropped, by rules in the pod's namespace on the node. */
  async #wayToCut(ip: string): Promise<{ cut(): Promise<unknown>; heal(): Promise<unknown> }> {
    const index = indexOf(this.#place.state);
    if (index === undefined) throw new Error(`${this.#place.state} holds no sandbox`);
    const node = (script: string): Promise<string> => run(inside(addressesOf(index), ['sh', '-euc', script]));
    const found = await node(
      `for it in /var/run/netns/*; do nsenter --net="$it" ip -4 -o addr show | grep -q " ${ip}/" && echo "$it"; done || true`,
    );
    const namespaces = found.trim().split('\n').filter(Boolean);
    if (namespaces.length !== 1) throw new Error(`${namespaces.length} network namespaces have ${ip}`);
    const nft = (commands: string): Promise<string> => node(`nsenter --net=${namespaces[0]!} nft '${commands}'`);
    const chain = (hook: string, device: string): string =>
      `chain ${hook} { type filter hook ${hook} priority -300; policy drop; ${device} "lo" accept; }`;
    return {
      cut: () => nft(`add table inet cut { ${chain('input', 'iif')}; ${chain('output', 'oif')}; }`),
      heal: () => nft('delete table inet cut'),
    };
  }

  /** Whether a leader that is cut off acknowledges a write, to one who asks inside its own pod. */
  async #acknowledges(pod: string): Promise<boolean> {
    const psql = `/usr/lib/postgresql/15/bin/psql -X -U ${this.#superuser} -d postgres`;
    const script = `timeout ${TRIES} ${psql} -c "INSERT INTO acknowledged VALUES (-1, 1)" 2>&1 || true`;
    return /INSERT 0 1/.test(await run([...this.#exec(pod), 'sh', '-c', script]));
  }
}

/** The figures of a report in one line. */
export function figures({ losses, acknowledged }: Report): string {
  const times = losses.map(({ back }) => back / 1000).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)]!;
  const of = (way: Way): number => losses.filter((loss) => loss.way === way).length;
  return (
    `${losses.length} losses (${of('deleted')} deleted, ${of('cut')} cut), ${acknowledged} writes acknowledged; ` +
    `back after ${median.toFixed(1)} s median, ${times.at(-1)!.toFixed(1)} s worst`
  );
}

/** Deleted and cut in turn. */
export const inTurn = (count: number): Way[] =>
  Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 'deleted' : 'cut'));
