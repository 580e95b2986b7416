/**
 * A Docker daemon (Debian's 20.10) in namespaces of its own, on a state folder that outlives it: what an EC2 instance or a
 * server is to `tria-staging` and `standalone`, for trying them out. Nothing of it listens on the machine: published ports
 * are reached at the daemon's own address, the API through the file system.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clearGroups, firstOf, processesOf } from '../host/cgroups.ts';
import { claim, indexOf, release, type Kind } from '../host/claim.ts';
import { endOf, launch } from '../host/launch.ts';
import { connect, disconnect } from '../host/link.ts';
import { locked } from '../host/lock.ts';
import type { ImageArchive } from '../images/archive.ts';
import { dockerAddresses, freeDocker, type DockerAddresses } from './addresses.ts';
import { ask, get } from './ask.ts';
import { dockerPackages } from './packages.ts';

export { ask, get, type Answer } from './ask.ts';

/** A running daemon. */
export interface DockerDaemon {
  readonly state: string;
  /** The path of its API's socket. */
  readonly socket: string;
  /** {@link socket} as a Docker host's address: `unix:///…`. */
  readonly host: string;
  readonly addresses: DockerAddresses;
}

export interface DockerOptions {
  /** An absolute folder on a real file system (not in memory, and not itself an overlay). */
  readonly state: string;
  /** Registries by `host:port`, each with the certificate (PEM) of the authority it is believed by, or `plain` for HTTP. */
  readonly registries?: Readonly<Record<string, string>>;
  /**
   * Entries of the daemon's `/etc/hosts`, names by address, so that a registry can be named.
   * @default none
   */
  readonly hosts?: Readonly<Record<string, string>>;
}

const DAEMONS: Kind = {
  list: 'platform-docker',
  free: freeDocker,
  remedy: (state) => `removeDocker('${state}')`,
};

/** Milliseconds until dockerd must answer. Seen: 1.5 to 3 s, 6 with twenty containers to start again. */
const STARTS = 40_000;
/** Milliseconds dockerd may take to stop its containers: each has 10 s, all at once. */
const ENDS = 30_000;

/** A Unix socket's path has 107 bytes at most; the kernel's own message does not say so. */
const SOCKET_BYTES = 107;

const daemonOf = (state: string, index: number): DockerDaemon => {
  const socket = join(state, 'docker.sock');
  return { state, socket, host: `unix://${socket}`, addresses: dockerAddresses(index) };
};

function settings(registries: Readonly<Record<string, string>>): object {
  return {
    // The second is where programs in containers look for it.
    hosts: ['unix:///state/docker.sock', 'unix:///run/docker.sock'],
    'data-root': '/var/lib/docker',
    'storage-driver': 'overlay2',
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    // Lowering it takes CAP_SYS_RESOURCE, which not every machine's root has.
    'oom-score-adjust': 0,
    'insecure-registries': Object.keys(registries).filter((name) => registries[name] === 'plain'),
    // What the networks of a host are made of, told so that it does not depend on the machine's routes.
    bip: '172.17.0.1/16',
    'default-address-pools': [{ base: '172.18.0.0/15', size: 24 }],
  };
}

function writeSettings({ state, registries = {}, hosts = {} }: DockerOptions): void {
  writeFileSync(join(state, 'daemon.json'), JSON.stringify(settings(registries), null, 2));
  rmSync(join(state, 'etc/docker/certs.d'), { recursive: true, force: true });
  mkdirSync(join(state, 'etc/docker'), { recursive: true });
  const lines = Object.entries({ 'localhost docker': '127.0.0.1', ...hosts }).map(([name, at]) => `${at} ${name}`);
  writeFileSync(join(state, 'etc/hosts'), `${lines.join('\n')}\n`);
  for (const [name, authority] of Object.entries(registries)) {
    if (authority === 'plain') continue;
    mkdirSync(join(state, 'etc/docker/certs.d', name), { recursive: true });
    writeFileSync(join(state, 'etc/docker/certs.d', name, 'ca.crt'), authority);
  }
}

const answers = (socket: string): Promise<boolean> =>
  ask(socket, 'GET', '/_ping', undefined, 2000).then(
    ({ status }) => status === 200,
    () => false,
  );

/** Waits until the daemon answers, or throws the end of its log. */
async function ready({ state, socket, addresses }: DockerDaemon): Promise<void> {
  const deadline = Date.now() + STARTS;
  while (!(await answers(socket))) {
    const died = !firstOf(processesOf(addresses.name));
    if (died || Date.now() > deadline) {
      const why = died ? 'its first process has ended' : `not within ${STARTS / 1000} s`;
      const logs = ['init', 'dockerd'].map((name) => `\n  ${name}.log: ${endOf(join(state, 'log', `${name}.log`))}`);
      throw new Error(`the Docker daemon of ${state} did not come to answer: ${why}; its logs:${logs.join('')}`);
    }
    await sleep(50);
  }
}

/**
 * Brings the daemon of a state folder to answer, from whatever it is in: absent, stopped, killed, or running (then it is
 * only asked). Containers whose restart policy says so are started again.
 *
 * Costs about 2 s, and 15 s more where Debian's packages must be fetched first. Throws with the end of the daemon's log.
 */
export async function startDocker(options: DockerOptions): Promise<DockerDaemon> {
  const state = resolve(options.state);
  const length = Buffer.byteLength(join(state, 'docker.sock'));
  if (length > SOCKET_BYTES) {
    throw new Error(
      `${state}: its socket's path has ${length} bytes, want at most ${SOCKET_BYTES}: choose a shorter one`,
    );
  }
  const packages = await dockerPackages();
  mkdirSync(dirname(state), { recursive: true });
  const daemon = daemonOf(state, await claim(state, DAEMONS));
  await locked(state, async () => {
    const { name, node, host } = daemon.addresses;
    if (firstOf(processesOf(name)) && (await answers(daemon.socket))) return;
    await halt(daemon.addresses);
    writeSettings({ ...options, state });
    const first = await launch(name, state, 'docker/init.sh', { PACKAGES: packages, ADDRESS: node, HOST: host });
    await connect({ name, node, host, behind: [] }, first.pid);
    await ready(daemon);
  });
  return daemon;
}

/** Kills whatever runs of it and removes what the kernel keeps: links, control groups; mounts go with their namespace. */
async function halt(addresses: DockerAddresses): Promise<void> {
  await clearGroups(addresses.name);
  await disconnect(addresses);
}

/**
 * Stops a daemon as a machine that loses its power: nothing runs, is mounted or linked afterwards, and the state folder is as
 * the last write left it. Fine on what does not run.
 */
export async function stopDocker(state: string): Promise<void> {
  const index = indexOf(resolve(state));
  if (index !== undefined) await halt(dockerAddresses(index));
}

/** The host's number of dockerd, by its own file: each program that it starts goes by its name for a moment. */
function dockerdOf({ addresses }: DockerDaemon): number | undefined {
  const all = processesOf(addresses.name);
  const file = `/proc/${firstOf(all)?.pid}/root/run/docker.pid`;
  if (!existsSync(file)) return undefined;
  const own = Number(readFileSync(file, 'utf8'));
  return all.find(({ inside }) => inside.depth === 1 && inside.pid === own)?.pid;
}

/** Stops dockerd as its service manager would (containers are stopped first) and waits until its successor answers. */
export async function restartDocker(daemon: DockerDaemon): Promise<void> {
  const before = dockerdOf(daemon);
  if (before === undefined) throw new Error(`${daemon.state}: no dockerd runs; start it first`);
  process.kill(before, 'SIGTERM');
  const deadline = Date.now() + ENDS;
  while (processesOf(daemon.addresses.name).some(({ pid }) => pid === before)) {
    if (Date.now() > deadline) throw new Error(`${daemon.state}: dockerd did not end within ${ENDS / 1000} s`);
    await sleep(50);
  }
  await ready(daemon);
}

/** Stops a daemon and removes its state folder, containers, images and volumes with it, and gives its index back. */
export async function removeDocker(state: string): Promise<void> {
  const folder = resolve(state);
  if (!existsSync(folder)) return;
  if (indexOf(folder) === undefined)
    throw new Error(`${folder}: not the state of a Docker daemon; nothing was removed`);
  await stopDocker(folder);
  await release(folder, DAEMONS);
  rmSync(folder, { recursive: true });
}

/** Brings images into the daemon, those that it has left out. Gives the references that were new. */
export async function loadImages({ socket }: DockerDaemon, images: readonly ImageArchive[]): Promise<string[]> {
  const present = new Set(
    (await get<{ Id: string; RepoTags: string[] | null }[]>(socket, '/images/json')).map(({ Id }) => Id),
  );
  const missing = images.filter(({ id }) => !present.has(id));
  for (const file of new Set(missing.map(({ archive }) => archive))) {
    const { status, body } = await ask(socket, 'POST', '/images/load?quiet=1', { file }, 300_000);
    // The daemon says 200 before it has read everything: what went wrong later stands in the body.
    if (status !== 200 || body.includes('"error"'))
      throw new Error(`docker load of ${file}: ${status} ${body.slice(0, 500)}`);
  }
  return missing.map(({ ref }) => ref);
}
