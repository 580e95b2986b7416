/**
 * The way from here to a pod's port: a port-forward behind a listener on 127.0.0.1, open for one use. Network policies
 * do not stop it, so a gate needs no edge of its own. Whatever was opened is closed again, however the use ends.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { isReady, livePods, readWorkload, strangers, type Cluster } from './cluster.ts';
import { workloadName, type HostTarget, type WorkloadTarget } from './refs.ts';

/** Where to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ReachOptions {
  readonly cluster: () => Promise<Cluster>;
  /** What the ready pods must be; not checked when left out. */
  readonly subject?: string;
  /** Which of the ready pods, counted through: each try takes the next one. */
  readonly turn: number;
  /** Ends the use, and everything it has open. */
  readonly signal: AbortSignal;
}

/**
 * Runs `use` with an address at which the target answers.
 *
 * @throws when no ready pod is there, or the ready pods are not the subject. When the way there broke, the error of
 * `use` is replaced by one that says how.
 */
export async function reach<T>(
  target: WorkloadTarget | HostTarget,
  options: ReachOptions,
  use: (address: Address) => Promise<T>,
): Promise<T> {
  if ('host' in target) {
    options.signal.throwIfAborted();
    return use(target);
  }
  const cluster = await options.cluster();
  const { namespace } = target.workload;
  const pods = (await livePods(cluster, await readWorkload(cluster, target.workload))).filter(isReady);
  if (pods.length === 0) throw new Error(`${workloadName(target.workload)} has no ready pod`);
  if (options.subject !== undefined) {
    const stranger = strangers(target.workload, pods, options.subject);
    if (stranger !== undefined) throw new Error(stranger);
  }
  const names = pods.map((pod) => pod.metadata!.name!).toSorted();
  const pod = names[options.turn % names.length]!;
  return forward(cluster, { namespace, pod, port: target.port }, options.signal, use);
}

/** One port of one pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** The part of a WebSocket that is needed here; the library's own type for it does not resolve. */
interface Way {
  close(): void;
  onclose: (() => void) | null;
}

/** Runs `use` with an address at which that port of that pod answers. */
export async function forward<T>(
  cluster: Cluster,
  to: PodPort,
  signal: AbortSignal,
  use: (address: Address) => Promise<T>,
): Promise<T> {
  const { PortForward } = await import('@kubernetes/client-node');
  const forwarder = new PortForward(cluster.config);
  const open = new Set<Socket>();
  let fault: string | undefined;

  const server = createServer((socket) => {
    open.add(socket);
    let ended: (() => void) | undefined;
    socket.on('close', () => {
      open.delete(socket);
      ended?.();
    });
    // The other half of the connection tells the caller; an error here is the consequence, not the cause.
    socket.on('error', () => undefined);
    const complaints = new Writable({
      write(chunk: Buffer, _encoding, done) {
        // The channel opens with an empty message.
        const said = chunk.toString('utf8').trim();
        if (said !== '') {
          fault = /refused/.test(said) ? 'connection refused' : said;
          socket.destroy();
        }
        done();
      },
    });
    const way = forwarder.portForward(to.namespace, to.pod, [to.port], socket, complaints, socket) as Promise<Way>;
    way.then(
      (opened) => {
        ended = () => opened.close();
        // The other side has said all it had to say, or is gone. What is on its way still arrives.
        opened.onclose = () => void socket.end();
        if (socket.destroyed) opened.close();
      },
      (thrown: unknown) => {
        fault = `no way to the pod: ${wordsOf(thrown)}`;
        socket.destroy();
      },
    );
  });
  const close = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    const address = await listening(server);
    // Nobody tells `use` of an end that came before it began.
    signal.throwIfAborted();
    return await use(address);
  } catch (thrown) {
    if (fault !== undefined) throw new Error(`${fault} (pod ${to.pod}, port ${to.port})`, { cause: thrown });
    throw thrown;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** The WebSocket library rejects with an event, not with an Error. */
function wordsOf(thrown: unknown): string {
  const { message } = thrown as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : 'the API server did not open it';
}

const listening = (server: Server): Promise<Address> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }));
  });
