/**
 * A Debian root file system in namespaces of its own, on the network of a Docker daemon: what a fresh server is to the
 * script that prepares it. In it are real: UFW, iptables, curl, tar, dpkg's database, users, logrotate, Docker's command, OpenSSH.
 * Not in it, and replaced by stand-ins of their name: `apt-get` (no repository), `systemctl` (no systemd), `aws` (no AWS).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpacked } from '../../../../infra/sandbox/build/index.ts';
import { catalogue, type LayerEntry } from '../../../../infra/sandbox/images/catalogue.ts';
import { Layers } from '../../../../infra/sandbox/images/layers.ts';
import { dockerPackages } from '../../../../infra/sandbox/docker/packages.ts';
import { run } from '../../../../infra/sandbox/host/run.ts';

const HERE = import.meta.dirname;

/** What Ubuntu's server image brings by itself, and a bare Debian does not. */
const HOST: LayerEntry = {
  on: 'debian',
  packages: ['ufw', 'iptables', 'iproute2', 'logrotate', 'curl', 'systemd', 'openssh-server'],
  ...{ users: {}, program: {}, drop: [] },
};

const inRoot = (name: string): readonly string[] => ['usr', 'bin', name];

/** Files that the stand-in of APT installs with a package. */
async function packages(folder: string, secret: string): Promise<void> {
  const lay = (from: string, ...path: string[]): void => {
    const to = join(folder, ...path);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  };
  const docker = await dockerPackages();
  lay(join(docker, 'usr/bin/docker'), 'docker.io', ...inRoot('docker'));
  lay(join(docker, 'usr/lib/systemd/system/docker.service'), 'docker.io', 'usr/lib/systemd/system/docker.service');
  lay(join(docker, 'usr/lib/systemd/system/docker.socket'), 'docker.io', 'usr/lib/systemd/system/docker.socket');
  lay(join(HERE, 'stand-ins/aws'), 'awscli', ...inRoot('aws'));
  lay(join(await unpacked('busybox', ['busybox-static']), 'usr/bin/busybox'), 'busybox');
  writeFileSync(join(folder, 'secret'), secret);
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

export class Root {
  readonly #pid: number;
  readonly #end: () => Promise<void>;

  private constructor(pid: number, end: () => Promise<void>) {
    this.#pid = pid;
    this.#end = end;
  }

  /**
   * @param network a process whose network it joins
   * @param socket of the Docker daemon there
   * @param secret the text that AWS's stand-in gives
   */
  static async start(network: number, socket: string, secret: string): Promise<Root> {
    const layers = await new Layers({ debian: catalogue().layers['debian']!, 'docker-host': HOST }).archives(
      'docker-host',
    );
    const dir = mkdtempSync(join(tmpdir(), 'host-'));
    for (const folder of ['root', 'packages']) mkdirSync(join(dir, folder));
    await packages(join(dir, 'packages'), secret);
    const apart = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'nsenter', '--target', `${network}`, '--net', ...apart],
        ...[join(HERE, 'enter.sh'), join(dir, 'root'), socket, join(dir, 'packages'), ...layers],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const end = async (): Promise<void> => {
      child.stdin.end();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    };
    await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('the root ended')))]);
    // The first process inside is the grandchild: unshare's child.
    const pid = Number((await run(['pgrep', '--parent', `${child.pid}`])).trim());
    const root = new Root(pid, end);
    for (const name of ['systemctl', 'apt-get']) await root.#replace(name);
    return root;
  }

  /** A stand-in takes the place of a program, which stays beside it as `….real`. */
  async #replace(name: string): Promise<void> {
    const text = readFileSync(join(HERE, 'stand-ins', name), 'utf8');
    await this.must(
      `mv /usr/bin/${name} /usr/bin/${name}.real; cat >/usr/bin/${name}; chmod 755 /usr/bin/${name}`,
      text,
    );
  }

  /** Runs a text by `/bin/sh`, as root, with `input` to read, and gives what it printed on both streams. */
  async sh(script: string, input = ''): Promise<Outcome> {
    const child = spawn(
      'nsenter',
      [...['--target', `${this.#pid}`, '--mount', '--pid', '--net', '--root', '--wd'], '/bin/sh', '-c', script],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    // A script that does not read its input closes it early; its code tells whether that was an error.
    child.stdin.on('error', () => undefined).end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, output };
  }

  async must(script: string, input = ''): Promise<string> {
    const { code, output } = await this.sh(script, input);
    if (code !== 0) throw new Error(`${script.slice(0, 200)} ended with ${code}:\n${output}`);
    return output;
  }

  end(): Promise<void> {
    return this.#end();
  }
}
