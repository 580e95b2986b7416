/** What a ClusterConfiguration does: imported by its shell inside the provider host. Contacts the members. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Credentials, forward, livePods, openCluster, readWorkload, type Cluster } from '../gates/index.ts';
import type { ClusterConfigurationInputs } from './cluster-configuration.ts';
import { converge, look, type Clock, type Configuration, type Member, type Patroni } from './converge.ts';
import { REST_USER } from './patroni.ts';

interface Inputs extends ClusterConfigurationInputs {
  readonly subject: string;
}

/** Milliseconds for one question; a restart is answered when it is done, a checkpoint before it included. */
const ANSWERS_MS = 10_000;
const RESTARTS_MS = 300_000;

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds) => {
    await sleep(milliseconds);
  },
};

/** What `GET /patroni` answers, as far as it is looked at. */
interface Status {
  readonly state?: string;
  readonly role?: string;
  readonly pending_restart?: boolean;
  readonly replication?: readonly { readonly application_name?: string; readonly state?: string }[];
}

/** The API of the members, each reached by a port-forward of its own. */
class Members implements Patroni {
  readonly #inputs: Inputs;
  readonly #cluster: Cluster;
  readonly #authorization: string;

  constructor(inputs: Inputs, cluster: Cluster, password: string) {
    this.#inputs = inputs;
    this.#cluster = cluster;
    this.#authorization = `Basic ${Buffer.from(`${REST_USER}:${password}`).toString('base64')}`;
  }

  async #names(): Promise<string[]> {
    const pods = await livePods(this.#cluster, await readWorkload(this.#cluster, this.#inputs.target.workload));
    return pods.map((pod) => pod.metadata!.name!).toSorted();
  }

  async #ask(pod: string, method: string, path: string, body?: unknown, limit = ANSWERS_MS): Promise<unknown> {
    const { workload, port } = this.#inputs.target;
    const signal = AbortSignal.timeout(limit);
    const to = { namespace: workload.namespace, pod, port };
    return forward(this.#cluster, to, signal, async (address) => {
      const answer = await fetch(`http://${address.host}:${address.port}${path}`, {
        method,
        signal,
        headers: { connection: 'close', ...(method !== 'GET' && { authorization: this.#authorization }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${pod}: ${method} ${path} was answered ${answer.status}: ${text.slice(0, 200)}`);
      return text.startsWith('{') ? (JSON.parse(text) as unknown) : text;
    });
  }

  /** The first member that answers: any of them knows, and any of them may change. */
  async #anyone(method: string, path: string, body?: unknown): Promise<unknown> {
    const failures: string[] = [];
    for (const pod of await this.#names()) {
      try {
        return await this.#ask(pod, method, path, body);
      } catch (thrown) {
        failures.push(wordsOf(thrown));
      }
    }
    throw new Error(failures.join('; ') || 'there is no member');
  }

  configuration = async (): Promise<Configuration> => (await this.#anyone('GET', '/config')) as Configuration;

  change = async (change: Configuration): Promise<void> => {
    await this.#anyone('PATCH', '/config', change);
  };

  members = async (): Promise<Member[]> =>
    Promise.all(
      (await this.#names()).map(async (name): Promise<Member> => {
        try {
          const status = (await this.#ask(name, 'GET', '/patroni')) as Status;
          return {
            name,
            leads: status.role === 'master' || status.role === 'primary',
            running: status.state === 'running',
            pendingRestart: status.pending_restart === true,
            streams: (status.replication ?? [])
              .filter(({ state }) => state === 'streaming')
              .map(({ application_name }) => application_name ?? ''),
          };
        } catch {
          // One that does not answer does not run; whoever waits for it says so in the end.
          return { name, leads: false, running: false, pendingRestart: false, streams: [] };
        }
      }),
    );

  restart = async (member: string): Promise<void> => {
    await this.#ask(member, 'POST', '/restart', { restart_pending: true }, RESTARTS_MS);
  };
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Calls `use` with the members. What it throws names no credential. */
async function withMembers<T>(inputs: Inputs, use: (members: Members) => Promise<T>): Promise<T> {
  let opened: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (opened ??= openCluster(inputs.cluster));
  const credentials = new Credentials(cluster);
  try {
    return await use(new Members(inputs, await cluster(), await credentials.read(inputs.password)));
  } catch (thrown) {
    throw new Error(`${inputs.target.workload.name}: ${credentials.redact(wordsOf(thrown))}`);
  }
}

async function converged(inputs: Inputs): Promise<Record<string, unknown>> {
  const restarted = await withMembers(inputs, (members) =>
    converge(members, inputs.configuration, inputs.members, CLOCK),
  );
  return { ...inputs, restarted };
}

export const create = async (inputs: Inputs): Promise<{ id: string; outs: Record<string, unknown> }> => ({
  id: inputs.target.workload.name,
  outs: await converged(inputs),
});

export const update = async (
  _id: string,
  _before: unknown,
  inputs: Inputs,
): Promise<{ outs: Record<string, unknown> }> => ({ outs: await converged(inputs) });

/** What is really agreed, as if it had been asked for: the next `up` sees how it differs from what is. */
export async function read(id: string, state: Inputs): Promise<{ id: string; props: Record<string, unknown> }> {
  return { id, props: { ...state, configuration: await withMembers(state, look) } };
}
