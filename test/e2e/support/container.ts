/**
 * Runs an image of the sandbox as a pod under Pod Security `restricted` would: its own processes and mounts, a read-only
 * root, a number for a user, no capability, no way to gain one. What is missing is Kubernetes, and the seccomp profile.
 * The network is this machine's: tests listen on loopback, on ports of their own.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  openSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../infra/sandbox/host/run.ts';
import { catalogue } from '../../../infra/sandbox/images/catalogue.ts';
import { buildImages, type ImageArchive } from '../../../infra/sandbox/images/index.ts';
import { patient } from './until.ts';

interface Config {
  readonly Entrypoint?: string[];
  readonly Cmd?: string[];
  readonly Env: string[];
  readonly User?: string;
  readonly WorkingDir: string;
  readonly StopSignal?: NodeJS.Signals;
  readonly ExposedPorts?: Record<string, object>;
  readonly Volumes?: Record<string, object>;
  readonly Labels?: Record<string, string>;
}

/** An image unpacked for use: its configuration, and the folders of its layers as overlayfs wants them (highest first). */
export interface Unpacked {
  readonly ref: string;
  readonly config: Config;
  readonly layers: readonly string[];
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the image's command. */
  readonly args?: readonly string[];
  /** In place of the image's entrypoint. */
  readonly entrypoint?: readonly string[];
  /** `runAsUser` and `runAsGroup` of the security context. Default: the image's own user. */
  readonly user?: number;
  /** Folders and files of this machine, by where they appear. A folder is made if it is not there, for the user. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Empty folders that are writable, like an emptyDir. */
  readonly scratch?: readonly string[];
}

const SCRIPT = `
set -eu
root=$1 layers=$2 user=$3 dir=$4; shift 4
mount -t tmpfs tmpfs "$root"
mkdir "$root/empty" "$root/root"
mount -t overlay -o "ro,lowerdir=$layers:$root/empty" overlay "$root/root"
root=$root/root
# Links in the image lead to places in the image: /var/run is one.
inside() { printf %s "$root$(chroot "$root" /usr/bin/readlink --canonicalize "$1")"; }
while [ "$1" != -- ]; do
  case $1 in
    scratch) mount -t tmpfs -o mode=1777 tmpfs "$(inside "$2")"; shift 2 ;;
    bind) mount --bind "$2" "$(inside "$3")"; shift 3 ;;
  esac
done
shift
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom; do : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mkdir -m 1777 "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
export root user dir
# The container's own first process, below this shell: the shell dies with the test, and everything below it with it.
# (The kernel forgets such a wish for a process that changes its user, as the container's does.)
unshare --pid --fork /bin/sh -c 'mount -t proc proc "$root/proc"; place=$root number=$user folder=$dir; unset root user dir
  exec chroot "$place" /usr/bin/setpriv --reuid="$number" --regid="$number" --clear-groups --bounding-set=-all \\
    --inh-caps=-all --no-new-privs /usr/bin/env --chdir="$folder" "$@"' sh "$@"
`;

const left = new Set<() => void>();
process.on('exit', () => {
  for (const undo of left) undo();
});

/** A scratch folder that goes away with the test process. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'images-'));
  chmodSync(dir, 0o755); // what lies in it is read by the images' users
  left.add(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

const store = scratch();
const archives = new Map<string, Promise<ImageArchive[]>>();

/** The images of one archive: a test need not wait for those that it does not run. */
function archived(name: string): Promise<ImageArchive[]> {
  const images = archives.get(name) ?? buildImages([name]);
  archives.set(name, images);
  return images;
}

/** Unpacks the image whose reference begins like this. Layers are shared between images. */
export async function unpack(prefix: string): Promise<Unpacked> {
  const entry = catalogue().images.find(({ reference }) => reference.startsWith(prefix));
  const image = entry && (await archived(entry.archive)).find(({ ref }) => ref === entry.reference);
  assert.ok(image, `${prefix}: no such image`);
  const read = async (member: string): Promise<unknown> =>
    JSON.parse(await run(['tar', '--extract', '--to-stdout', '--file', image.archive, member]));
  const manifest = (await read('manifest.json')) as { Config: string; RepoTags: string[]; Layers: string[] }[];
  const { Config, Layers } = manifest.find(({ RepoTags }) => RepoTags.includes(image.ref))!;
  const { config } = (await read(Config)) as { config: Config };
  const layers = [];
  for (const layer of Layers) {
    const dir = join(store, layer);
    if (!existsSync(dir)) {
      mkdirSync(dir);
      await run([
        'sh',
        '-c',
        'tar -xOf "$1" "$2" | tar -xpf - -C "$3" --numeric-owner',
        'sh',
        image.archive,
        layer,
        dir,
      ]);
    }
    layers.unshift(dir);
  }
  return { ref: image.ref, config, layers };
}

/** A port of the loopback address that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the answer is there. The last failure is the error when the time is over. */
export async function eventually<T>(ask: () => T | Promise<T>, within = 10_000): Promise<T> {
  const until = Date.now() + patient(within);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(50);
    }
  }
}

export class Container {
  readonly image: Unpacked;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  readonly #log: string;
  #over = false;

  constructor(image: Unpacked, options: Options = {}) {
    this.image = image;
    const { config } = image;
    const user = options.user ?? Number(config.User?.split(':')[0]);
    assert.ok(user > 0, `${image.ref} says no user, so a security context must`);
    const mounts = Object.entries(options.mounts ?? {}).flatMap(([path, from]) => {
      if (!existsSync(from)) {
        mkdirSync(from, { recursive: true });
        chownSync(from, user, user);
      }
      return ['bind', from, path];
    });
    const command = [...(options.entrypoint ?? config.Entrypoint ?? []), ...(options.args ?? config.Cmd ?? [])];
    const empty = (options.scratch ?? []).flatMap((path) => ['scratch', path]);
    // A file and not a socket, since programs open /dev/stdout by name; the user's, as runc makes the streams.
    this.#log = join(mkdtempSync(join(store, 'log-')), 'log');
    const log = openSync(this.#log, 'a');
    fchownSync(log, user, user);
    const place = [mkdtempSync(join(store, 'root-')), image.layers.join(':'), String(user), config.WorkingDir];
    const isolated = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
    this.#child = spawn(
      '/usr/bin/unshare',
      [...isolated, '/bin/sh', '-c', SCRIPT, 'sh', ...place, ...empty, ...mounts, '--', ...command],
      {
        // runc gives a user whom the image does not know this home.
        env: {
          HOME: '/',
          ...Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s).slice(0, 2))),
          ...options.env,
        },
        stdio: ['pipe', log, log],
      },
    );
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#over = true;
        resolve(signal ?? code!);
      });
    });
    left.add(() => this.#child.kill('SIGKILL'));
  }

  /** Everything it has printed on both streams. */
  get output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  get over(): boolean {
    return this.#over;
  }

  /** The exit code of the first process, or the signal that ended it. */
  end(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** The number, on this machine, of the container's first process. */
  get pid(): number {
    let pid = this.#child.pid!;
    for (const what of ['shell', 'unshare', 'first process']) {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      assert.ok(children, `${this.image.ref} has no ${what} yet, or no longer: ${this.output}`);
      pid = Number(children.split(' ')[0]);
    }
    return pid;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /**
   * Makes it hang: connections stay open and are accepted, and nobody answers. With its children, because a server
   * that works through them only hangs when they do.
   *
   * @returns when every thread stands, for a stop is only asked for when the signal is sent, and on a busy machine the
   * next answer may be faster; called, the answer lets it go on
   */
  async hang(): Promise<() => void> {
    const first = this.pid;
    process.kill(first, 'SIGSTOP');
    await stands(first);
    const children = childrenOf(first); // from here on it makes none, and those that end stay as zombies
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    for (const pid of children) await stands(pid);
    return () => [...children, first].forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  /** Stops it as a kubelet would: the image's own signal, or SIGTERM. Gives the exit code. */
  async stop(): Promise<number | NodeJS.Signals> {
    if (!this.#over) this.signal(this.image.config.StopSignal ?? 'SIGTERM');
    return this.#ended;
  }

  /** Ends it at once, as a node that loses power would. */
  async kill(): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Runs a command to its end and gives what it printed; any exit code but the expected one is an error. */
  static async run(image: Unpacked, options: Options, expected = 0, input = ''): Promise<string> {
    const container = new Container(image, options);
    container.#child.stdin!.end(input);
    const code = await container.end();
    assert.equal(code, expected, `${image.ref} ${(options.args ?? []).join(' ')}: ${container.output}`);
    return container.output;
  }
}

/** The numbers of a process's children. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children ? children.split(' ').map(Number) : [];
}

/** Waits until no thread of a process runs any more; the letters are those of proc(5). */
async function stands(pid: number): Promise<void> {
  await eventually(() => {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
      assert.match(status, /^State:\s+[TZX]/m, `thread ${thread} of process ${pid} goes on after SIGSTOP`);
    }
  });
}
