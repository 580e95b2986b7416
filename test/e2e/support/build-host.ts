/** A Docker daemon that builds, and a registry beside it that it pushes to over TLS, with a name and a password. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadImages,
  removeDocker,
  startDocker,
  stopDocker,
  type DockerDaemon,
} from '../../../infra/sandbox/docker/index.ts';
import { imageArchives } from '../../../infra/sandbox/images/archive.ts';
import { catalogue } from '../../../infra/sandbox/images/catalogue.ts';
import { Layers } from '../../../infra/sandbox/images/layers.ts';
import { startRegistry, type RunningRegistry } from '../../../infra/sandbox/registry/server.ts';
import { authority } from './edge/certificate.ts';

const PORT = 5000;
const USER = 'builder';
/** What recipes stand on here: Debian's Python with the packages of the reference API. It is in no registry. */
export const BASE = { reference: 'docker.io/library/debian-python:12', layer: 'python' } as const;

const MANIFESTS = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

export interface BuildHost {
  readonly daemon: DockerDaemon;
  /** `host:port` */
  readonly server: string;
  readonly username: string;
  readonly password: string;
  /** The file of the authority that the registry's certificate is believed by. */
  readonly authority: string;
  readonly registry: RunningRegistry;
  /** Digest of what a tag or digest names, reckoned from what the registry sends; undefined where it has none. */
  digestOf(repository: string, name: string): Promise<string | undefined>;
  tagsOf(repository: string): Promise<string[]>;
  remove(): Promise<void>;
}

async function base(folder: string) {
  const layers = await new Layers(catalogue().layers).archives(BASE.layer);
  return imageArchives([{ ref: BASE.reference, layers, config: {} }], join(folder, 'base.tar'));
}

export async function buildHost(): Promise<BuildHost> {
  const folder = mkdtempSync(join(tmpdir(), 'build-host-'));
  // On a real file system, and with a short name: see startDocker.
  const state = mkdtempSync('/var/tmp/bld-');
  const at = { daemon: join(state, 'd'), registry: join(state, 'r'), ca: join(folder, 'ca.crt') };
  const signer = await authority();
  writeFileSync(at.ca, signer.ca);
  // Its address is known once it has run; whom it believes, when it starts.
  const { addresses } = await startDocker({ state: at.daemon });
  await stopDocker(at.daemon);
  const server = `${addresses.host}:${PORT}`;
  const daemon = await startDocker({ state: at.daemon, registries: { [server]: signer.ca } });
  const password = randomBytes(18).toString('hex');
  const registry = await startRegistry({
    ...{ state: at.registry, address: addresses.host, port: PORT, username: USER, password },
    ...{ ...(await signer.sign(addresses.host)), authority: signer.ca },
  });
  signer.remove();
  await loadImages(daemon, await base(folder));

  const get = (path: string, accept: string): Promise<{ status: number; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const headers = { accept, authorization: `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}` };
      const call = request({ host: addresses.host, port: PORT, path, ca: signer.ca, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      call.on('error', reject).end();
    });
  return {
    ...{ daemon, server, username: USER, password, authority: at.ca, registry },
    digestOf: async (repository, name) => {
      const { status, body } = await get(`/v2/${repository}/manifests/${name}`, MANIFESTS);
      if (status === 404) return undefined;
      if (status !== 200) throw new Error(`the registry answered ${status} about ${repository} ${name}`);
      return `sha256:${createHash('sha256').update(body).digest('hex')}`;
    },
    tagsOf: async (repository) => {
      const { body } = await get(`/v2/${repository}/tags/list`, 'application/json');
      return ((JSON.parse(body.toString()) as { tags: string[] | null }).tags ?? []).toSorted();
    },
    remove: async () => {
      await registry.stop();
      await removeDocker(at.daemon);
      rmSync(state, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
