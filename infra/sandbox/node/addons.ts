/** What the cluster needs beside its node's programs: images in containerd, and the manifests of `addons/`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IMAGES } from '../build/images.ts';
import { keyOf } from '../host/cache.ts';
import { firstOf, processesOf } from '../host/cgroups.ts';
import { SOURCES } from '../host/paths.ts';
import { CommandFailed, run } from '../host/run.ts';
import type { ImageArchive } from '../images/archive.ts';
import type { Addresses } from './addresses.ts';

/** A command that runs inside the instance, as root on the node. */
export function inside({ name }: Addresses, command: readonly string[]): string[] {
  const first = firstOf(processesOf(name));
  if (!first) throw new Error(`the sandbox ${name} is not running; start it with \`make up\``);
  const path = 'PATH=/run/programs:/usr/sbin:/usr/bin:/sbin:/bin';
  return ['nsenter', '--target', String(first.pid), '--all', '--', 'env', '-i', path, ...command];
}

async function importArchive(addresses: Addresses, archive: string): Promise<void> {
  const command = inside(addresses, ['ctr', '--namespace=k8s.io', 'images', 'import', '-']);
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  // A failed import closes the pipe before it has read everything: its exit code is the better message.
  await pipeline(createReadStream(archive, { highWaterMark: 1 << 20 }), child.stdin).catch(() => undefined);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new CommandFailed([...command, `< ${archive}`], code, output);
}

/** Brings images into the instance, those it has left out. Gives the references that were new. */
export async function importImages(
  state: string,
  addresses: Addresses,
  images: readonly ImageArchive[],
): Promise<string[]> {
  const file = join(state, 'images.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const listed = await run(inside(addresses, ['ctr', '--namespace=k8s.io', 'images', 'list', '--quiet']));
  const present = new Set(listed.split('\n'));
  const missing = images.filter(({ ref, id }) => known[ref] !== id || !present.has(ref));
  for (const archive of new Set(missing.map(({ archive }) => archive))) await importArchive(addresses, archive);
  for (const { ref, id } of missing) known[ref] = id;
  if (missing.length) writeFileSync(file, JSON.stringify(known, null, 2));
  return missing.map(({ ref }) => ref);
}

function manifests(state: string, addresses: Addresses): string {
  const encoded = (file: string): string => readFileSync(join(state, 'pki', file)).toString('base64');
  const values: Record<string, string> = {
    DNS_IP: addresses.dns,
    COREDNS_IMAGE: IMAGES.coredns,
    METRICS_IMAGE: IMAGES.metricsServer,
    LOCAL_PATH_IMAGE: IMAGES.localPath,
    BUSYBOX_IMAGE: IMAGES.busybox,
    CA_BUNDLE: encoded('ca.crt'),
    METRICS_CERTIFICATE: encoded('metrics-server.crt'),
    METRICS_KEY: encoded('metrics-server.key'),
  };
  const files = globSync(join(SOURCES, 'node/addons/*.yaml')).sort();
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n---\n');
  return text.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const addonsFile = (state: string): string => join(state, 'addons');

/** Whether the manifests were ever applied to this instance. */
export const hasAddons = (state: string): boolean => existsSync(addonsFile(state));

/** Applies the manifests, unless exactly these were applied to this instance before. */
export async function applyAddons(state: string, addresses: Addresses, kubectl: string): Promise<void> {
  const wanted = manifests(state, addresses);
  const file = addonsFile(state);
  const key = keyOf(wanted);
  if (existsSync(file) && readFileSync(file, 'utf8') === key) return;
  const config = `--kubeconfig=${join(state, 'kubeconfig')}`;
  await run([kubectl, config, 'apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: wanted,
    timeout: 60_000,
  });
  writeFileSync(file, key);
}
