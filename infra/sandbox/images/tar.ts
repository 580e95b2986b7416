/** A writer of plain (ustar) archives whose bytes depend on nothing but what is put in: no owner names, no clock. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

const BLOCK = 512;
const LARGEST = 8 ** 11 - 1;

/** What a header says beside the name. Every time is 0: an archive of the same things is the same archive. */
export interface TarEntry {
  /** `0` file, `2` symbolic link, `5` folder. */
  readonly type: '0' | '2' | '5';
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly target?: string;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

/** A long path is split at a slash into the two fields that ustar has for it. */
function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (name && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`${path}: too long for a tar header (a name of 100 bytes below a folder of 155); use a shorter path`);
}

/** The 512 bytes before an entry's content. */
export function header(path: string, entry: TarEntry): Buffer {
  const { name, prefix } = split(path);
  const size = entry.size ?? 0;
  if (size > LARGEST) throw new Error(`${path}: ${size} bytes, more than the 8 GiB a tar entry can hold`);
  if (Buffer.byteLength(entry.target ?? '') > 100) throw new Error(`${path}: its link target is longer than 100 bytes`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(entry.mode, 8), 100);
  block.write(octal(entry.uid ?? 0, 8), 108);
  block.write(octal(entry.gid ?? entry.uid ?? 0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write(entry.type, 156);
  block.write(entry.target ?? '', 157);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Writes one archive, entry by entry. Ends with {@link TarWriter.close}. */
export class TarWriter {
  readonly #out: FileHandle;

  private constructor(out: FileHandle) {
    this.#out = out;
  }

  static async create(file: string): Promise<TarWriter> {
    return new TarWriter(await open(file, 'wx'));
  }

  async #pad(size: number): Promise<void> {
    if (size % BLOCK) await this.#out.write(Buffer.alloc(BLOCK - (size % BLOCK)));
  }

  async add(path: string, entry: TarEntry, content: Buffer = Buffer.alloc(0)): Promise<void> {
    await this.#out.write(header(path, { ...entry, size: content.length }));
    if (content.length) await this.#out.write(content);
    await this.#pad(content.length);
  }

  /** Copies a file of this machine into the archive without holding it in memory. */
  async addFile(path: string, entry: TarEntry, file: string): Promise<void> {
    const { size } = await stat(file);
    await this.#out.write(header(path, { ...entry, size }));
    let copied = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      copied += chunk.length;
      await this.#out.write(chunk);
    }
    if (copied !== size) throw new Error(`${file} changed while it was read: ${size} bytes, then ${copied}`);
    await this.#pad(size);
  }

  async close(): Promise<void> {
    await this.#out.write(Buffer.alloc(2 * BLOCK));
    await this.#out.close();
  }
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
