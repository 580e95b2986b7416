/** Debian's registry of images on a loopback port, with images that a test pushes into it over its API. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpacked } from '../../../infra/sandbox/build/index.ts';
import { patient } from '../../e2e/support/until.ts';

export interface Registry {
  /** `http://127.0.0.1:…` */
  readonly address: string;
  /** Pushes an image of one small layer. @returns the digest that the registry gives it */
  push(repository: string, tag: string, content: string): Promise<string>;
  stop(): Promise<void>;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const digest = (bytes: string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** @throws with what the registry says when it does not answer as it should */
async function expectStatus(wanted: number, url: string | URL, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status === wanted) return response;
  throw new Error(`${options.method ?? 'GET'} ${String(url)}: ${response.status} ${await response.text()}`);
}

export async function startRegistry(): Promise<Registry> {
  const root = mkdtempSync(join(tmpdir(), 'platform-registry-'));
  const program = join(await unpacked('docker-registry', ['docker-registry']), 'usr/bin/docker-registry');
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(root, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
  };
  writeFileSync(join(root, 'config.yml'), JSON.stringify(settings));
  const child = spawn(program, ['serve', join(root, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (const deadline = Date.now() + patient(15_000); ;) {
    const answers = await fetch(`${address}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the registry does not answer: ${said}`);
    await sleep(100);
  }

  const blob = async (repository: string, bytes: string): Promise<{ digest: string; size: number }> => {
    const begun = await expectStatus(202, `${address}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location')!, address);
    place.searchParams.set('digest', digest(bytes));
    const headers = { 'content-type': 'application/octet-stream' };
    await expectStatus(201, place, { method: 'PUT', body: bytes, headers });
    return { digest: digest(bytes), size: Buffer.byteLength(bytes) };
  };
  return {
    address,
    push: async (repository, tag, content) => {
      const config = await blob(repository, JSON.stringify({ architecture: 'amd64', os: 'linux', config: {} }));
      const layer = await blob(repository, content);
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
      });
      const put = { method: 'PUT', body: manifest, headers: { 'content-type': MANIFEST } };
      const { headers } = await expectStatus(201, `${address}/v2/${repository}/manifests/${tag}`, put);
      return headers.get('docker-content-digest')!;
    },
    stop: async () => {
      if (child.exitCode === null) {
        child.kill();
        await once(child, 'exit');
      }
      rmSync(root, { recursive: true });
    },
  };
}
