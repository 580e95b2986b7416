/** A registry of images, asked by the OCI distribution protocol which digest a tag has right now. No credentials. */
import { createHash } from 'node:crypto';

/** Milliseconds for one answer. */
const PATIENCE = 20_000;

/** Everything a tag may stand for; the first two are lists of one image for several platforms. */
const MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The parts of `registry/repository:tag`. */
export interface Reference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** @returns undefined for a reference that names no registry, or no tag */
export function parseReference(reference: string): Reference | undefined {
  const hit = /^([^/]*[.:][^/]*|localhost)\/([a-z0-9][a-z0-9._/-]*):([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/.exec(
    reference,
  );
  return hit === null ? undefined : { registry: hit[1]!, repository: hit[2]!, tag: hit[3]! };
}

/** Where a registry answers: Docker Hub's name is not its address. */
export const addressOf = (registry: string): string =>
  registry === 'docker.io' ? 'https://registry-1.docker.io' : `https://${registry}`;

/** Why a registry did not say what it was asked. */
export class RegistryRefused extends Error {}

async function get(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new RegistryRefused(`${url.origin} cannot be reached: ${why || 'no answer'}`, { cause: error });
  }
}

/** The token that a registry hands to anybody: `Bearer realm="…",service="…",scope="…"`. */
async function tokenFor(challenge: string): Promise<string> {
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  );
  if (!challenge.startsWith('Bearer ') || fields.realm === undefined) {
    throw new RegistryRefused(`it wants a way of signing in that is not known here: ${challenge.slice(0, 100)}`);
  }
  const url = new URL(fields.realm);
  for (const key of ['service', 'scope'] as const)
    if (fields[key] !== undefined) url.searchParams.set(key, fields[key]);
  const response = await get(url, {});
  if (!response.ok) throw new RegistryRefused(`${url.origin} gives no token without credentials: ${response.status}`);
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  const given = token ?? access_token;
  if (given === undefined) throw new RegistryRefused(`${url.origin} answered without a token`);
  return given;
}

/**
 * The digest of what a tag names, reckoned from the manifest itself and compared with what the registry calls it.
 *
 * @param base the registry's address, like `https://quay.io`
 * @throws RegistryRefused when it cannot be reached, does not know the tag, or contradicts itself
 */
export async function digestOf(base: string, { repository, tag }: Omit<Reference, 'registry'>): Promise<string> {
  const url = new URL(`/v2/${repository}/manifests/${tag}`, base);
  const headers: Record<string, string> = { accept: MEDIA_TYPES.join(', ') };
  let response = await get(url, headers);
  if (response.status === 401) {
    headers.authorization = `Bearer ${await tokenFor(response.headers.get('www-authenticate') ?? '')}`;
    response = await get(url, headers);
  }
  if (response.status === 404) throw new RegistryRefused(`${url.origin} has no ${repository}:${tag}`);
  if (!response.ok) throw new RegistryRefused(`${url.origin} answered ${response.status} about ${repository}:${tag}`);
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  if (!MEDIA_TYPES.includes(type)) {
    throw new RegistryRefused(`${url.origin} answered about ${repository}:${tag} with "${type}", which is no manifest`);
  }
  const digest = `sha256:${createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex')}`;
  const claimed = response.headers.get('docker-content-digest');
  if (claimed !== null && claimed !== digest) {
    throw new RegistryRefused(`${url.origin} calls ${repository}:${tag} ${claimed}, but what it sent is ${digest}`);
  }
  return digest;
}
