/** A file into an object store, in parts, and read back. Each part carries its check sum, which the store compares. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { sha256, signed, type Credentials } from './sign.ts';

export interface Place extends Credentials {
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly bucket: string;
  /** The object's name: letters, digits, `/`, `-`, `.` and `_`. */
  readonly key: string;
}

/** Bytes of a part: with the ten thousand parts that an object may have, 160 GB. */
const PART = 16 * 1024 * 1024;
/** Milliseconds for one answer. */
const LIMIT = 120_000;
const TRIES = 3;

/** A fault of the way or of the server may pass; a refusal does not. */
async function ask(place: Place, method: string, query: Record<string, string>, body?: Uint8Array): Promise<Response> {
  const url = new URL(`/${place.bucket}/${place.key}`, place.endpoint);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  for (let tried = 1; ; tried++) {
    let said: string;
    try {
      const headers = signed({ method, url, headers: {}, sha256: sha256(body ?? '') }, place, new Date());
      const signal = AbortSignal.timeout(LIMIT);
      const response = await fetch(url, { method, headers, signal, ...(body && { body: Buffer.from(body) }) });
      if (response.ok) return response;
      said = `${response.status} ${(await response.text()).slice(0, 300)}`;
      if (response.status < 500) tried = TRIES;
    } catch (thrown) {
      const { cause } = thrown as { cause?: unknown };
      said = `${String(thrown)}${cause instanceof Error ? ` (${cause.message})` : ''}`;
    }
    if (tried >= TRIES) throw new Error(`${method} ${url.origin}${url.pathname}: ${said}`);
  }
}

const element = (xml: string, name: string): string => {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (found === undefined) throw new Error(`the store's answer has no ${name}: ${xml.slice(0, 300)}`);
  return found;
};

export interface Stored {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Stores a file, reads it back and compares.
 *
 * @throws when the store refuses it, or gives back something else; parts of a failed upload are left to the store's own
 *   clearing up
 */
export async function store(file: string, place: Place): Promise<Stored> {
  const handle = await open(file);
  try {
    const upload = element(await (await ask(place, 'POST', { uploads: '' })).text(), 'UploadId');
    const [whole, tags] = [createHash('sha256'), [] as string[]];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PART), 0, PART, bytes);
      // A file without a byte is one part, too.
      if (bytesRead === 0 && tags.length > 0) break;
      const part = buffer.subarray(0, bytesRead);
      whole.update(part);
      bytes += bytesRead;
      const number = String(tags.length + 1);
      const { headers } = await ask(place, 'PUT', { partNumber: number, uploadId: upload }, part);
      tags.push(headers.get('etag') ?? '');
    }
    const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const done = await (await ask(place, 'POST', { uploadId: upload }, Buffer.from(list))).text();
    // A completion that fails half-way says so in an answer of 200.
    element(done, 'ETag');
    const wanted = whole.digest('hex');
    const found = await readBack(place);
    if (found.sha256 !== wanted || found.bytes !== bytes) {
      throw new Error(
        `${place.bucket}/${place.key} came back as ${found.bytes} bytes, sha256 ${found.sha256}; wanted ${bytes} bytes, ${wanted}`,
      );
    }
    return found;
  } finally {
    await handle.close();
  }
}

async function readBack(place: Place): Promise<Stored> {
  const { body } = await ask(place, 'GET', {});
  const whole = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body! as AsyncIterable<Uint8Array>) {
    whole.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: whole.digest('hex') };
}

/** A small object beside it, as `sha256sum --check` reads it. */
export async function seal(place: Place, { sha256: sum }: Stored): Promise<void> {
  const line = `${sum}  ${place.key.split('/').at(-1)!}\n`;
  await ask({ ...place, key: `${place.key}.sha256` }, 'PUT', {}, Buffer.from(line));
}
