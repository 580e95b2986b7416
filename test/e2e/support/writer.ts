/** Writes numbered rows through the database's Service, from inside the cluster, and remembers which were acknowledged. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The name of its pod. */
export const WRITER = 'failover-writer';

/** A row that was acknowledged, when, and by which start of which server. */
export interface Ack {
  /** `<writer> <n>` */
  readonly row: string;
  /** Milliseconds of the node's clock, which is this machine's. */
  readonly at: number;
  readonly ip: string;
  readonly server: string;
}

/**
 * Four writers with a connection each, and one that only makes load. A failed write is not tried again: its number stays
 * unused, whether it is there or not. Ends when its input does.
 */
const SCRIPT = `
import psycopg2, sys, threading, time
user, host = sys.argv[1:3]
over = threading.Event()
says = threading.Lock()
WHO = "SELECT host(inet_server_addr()) || ' ' || host(inet_server_addr()) || '@' || extract(epoch from pg_postmaster_start_time())"
def connected():
    made = psycopg2.connect(host=host, user=user, dbname='postgres', connect_timeout=2, keepalives_idle=2,
                            keepalives_interval=1, keepalives_count=2, tcp_user_timeout=3000)
    made.autocommit = True
    cursor = made.cursor()
    cursor.execute(WHO)
    return cursor, cursor.fetchone()[0]
def write(writer, size, pause, tell):
    cursor, n = None, 0
    while not over.is_set():
        n += 1
        try:
            if cursor is None: cursor, who = connected()
            cursor.execute('INSERT INTO acknowledged VALUES (%s, %s, %s)', (writer, n, 'x' * size))
            if tell:
                with says: print(writer, n, int(time.time() * 1000), who, flush=True)
        except psycopg2.Error:
            if cursor is not None:
                try: cursor.connection.close()
                except psycopg2.Error: pass
            cursor = None
            time.sleep(0.1)
        time.sleep(pause)
for one in ((1, 200, 0.02, True), (2, 200, 0.02, True), (3, 200, 0.02, True), (4, 200, 0.02, True), (9, 20000, 0.05, False)):
    threading.Thread(target=write, args=one, daemon=True).start()
sys.stdin.read()
over.set()
time.sleep(5)
`;

export class Writer {
  readonly acks: Ack[] = [];
  readonly #child: ChildProcess;
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const [writer, n, at, ip, server] = line.split(' ');
      this.acks.push({ row: `${writer!} ${n!}`, at: Number(at), ip: ip!, server: server! });
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** @param exec the command that runs another in the writer's pod */
  static async start(exec: readonly string[], user: string, host: string): Promise<Writer> {
    const child = spawn(exec[0]!, [...exec.slice(1), 'python3', '-c', SCRIPT, user, host]);
    await once(child, 'spawn');
    return new Writer(child);
  }

  /** The first write acknowledged since then by another server than the one at that address. */
  after(moment: number, lost: string): Ack | undefined {
    return this.acks.find(({ at, ip }) => at > moment && ip !== lost);
  }

  /**
   * Servers that acknowledged something after another had begun to. Each start of a server is one of its own.
   */
  overlaps(): string[] {
    const spans = new Map<string, { first: number; last: number }>();
    for (const { server, at } of this.acks) {
      const span = spans.get(server);
      spans.set(server, { first: Math.min(span?.first ?? at, at), last: Math.max(span?.last ?? at, at) });
    }
    const inOrder = [...spans].toSorted(([, a], [, b]) => a.first - b.first);
    return inOrder.flatMap(([server, { last }], at) => {
      const next = inOrder[at + 1];
      return next !== undefined && last > next[1].first
        ? [`${server} until ${last}, ${next[0]} since ${next[1].first}`]
        : [];
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin!.end();
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error(`the writer ended with ${code}: ${this.#said.slice(-500)}`);
  }
}
