/**
 * A registry of images (Debian's docker-registry 2.8) for trying out what builds and pushes: over TLS, with a name and a
 * password, and nothing listens but on the address it is given.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpacked } from '../build/debian.ts';
import { run } from '../host/run.ts';

/** Milliseconds until it must answer. Seen: 100. */
const STARTS = 20_000;

export interface RegistryOptions {
  /** A folder of its own, where images are kept. It outlives the registry. */
  readonly state: string;
  /** The address of this machine it listens on, as clients name it. */
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** The certificate that it shows, with its chain, and the key: PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface RunningRegistry {
  /** `host:port`, the first part of a reference. */
  readonly server: string;
  /** Where it writes what it was asked and what went wrong. */
  readonly log: string;
  stop(): Promise<void>;
}

/** The line of an htpasswd file. bcrypt is what the registry understands; the C library makes it, and Perl lends it a hand. */
async function line(username: string, password: string): Promise<string> {
  const salt = randomBytes(16).toString('base64').replaceAll('+', '.').replace(/=+$/, '').slice(0, 21);
  const script = 'chomp(my $p = <STDIN>); print crypt($p, $ARGV[0])';
  const hash = await run(['perl', '-e', script, `$2y$10$${salt}u`], { input: `${password}\n` });
  if (!hash.startsWith('$2y$10$')) throw new Error('the C library of this machine makes no bcrypt hashes');
  return `${username}:${hash}\n`;
}

async function settings(options: RegistryOptions, at: (file: string) => string): Promise<void> {
  const secret = (file: string, content: string): void => {
    writeFileSync(at(file), content, { mode: 0o600 });
    chmodSync(at(file), 0o600);
  };
  secret('users', await line(options.username, options.password));
  secret('tls.key', options.key);
  writeFileSync(at('tls.crt'), options.certificate);
  const configuration = {
    version: 0.1,
    log: { level: 'info', fields: { service: 'registry' }, accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: at('images') }, delete: { enabled: false } },
    auth: { htpasswd: { realm: 'registry', path: at('users') } },
    http: {
      addr: `${options.address}:${options.port}`,
      // Signs the place an upload has got to; a new one with each start.
      secret: randomBytes(24).toString('hex'),
      tls: { certificate: at('tls.crt'), key: at('tls.key') },
    },
  };
  // YAML's newer half is JSON.
  secret('config.yml', JSON.stringify(configuration, null, 2));
}

/** Whether it answers, with whatever: without credentials that is 401. */
const answers = (address: string, port: number, ca: string): Promise<boolean> =>
  new Promise((told) => {
    const call = request({ host: address, port, path: '/v2/', ca, timeout: 2000 }, (response) => {
      response.resume();
      told(response.statusCode === 401);
    });
    call.on('timeout', () => call.destroy()).on('error', () => told(false));
    call.end();
  });

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/**
 * Starts a registry on what its folder holds. It ends with this process, however that ends.
 *
 * Costs a tenth of a second, and some seconds more where Debian's package must be fetched first. Throws with the end of its
 * log.
 */
export async function startRegistry(
  options: RegistryOptions & { readonly authority: string },
): Promise<RunningRegistry> {
  const state = resolve(options.state);
  const at = (file: string): string => join(state, file);
  const program = join(await unpacked('docker-registry', ['docker-registry']), 'usr/bin/docker-registry');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  await settings(options, at);
  const log = at('registry.log');
  const out = openSync(log, 'a', 0o600);
  const command = ['--pdeathsig', 'KILL', program, 'serve', at('config.yml')];
  const child = spawn('setpriv', command, { stdio: ['ignore', out, out], env: { PATH: process.env['PATH'] } });
  const stop = async (): Promise<void> => {
    if (!ended(child)) {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
    }
    for (const file of ['tls.key', 'users', 'config.yml']) rmSync(at(file), { force: true });
  };
  const deadline = Date.now() + STARTS;
  while (!(await answers(options.address, options.port, options.authority))) {
    if (ended(child) || Date.now() > deadline) {
      await stop();
      throw new Error(
        `the registry of ${state} did not come to answer; its log ends:\n${readFileSync(log, 'utf8').slice(-2000)}`,
      );
    }
    await sleep(50);
  }
  return { server: `${options.address}:${options.port}`, log, stop };
}
