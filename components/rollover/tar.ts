/** Small files as a tar archive, and out of one: the form in which the Docker API takes files and gives them. */

const BLOCK = 512;

export interface TarFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly content: string;
  /** Octal. */
  readonly permissions: string;
}

function header({ path, permissions }: TarFile, size: number): Buffer {
  const name = Buffer.from(path);
  // What a POSIX header's name field holds; longer ones would need an extension.
  if (name.length > 100) throw new Error(`${path}: found ${name.length} bytes; wanted a path of at most 100`);
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0);
  const octal = (value: number, at: number, length: number): number =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'ascii');
  octal(Number.parseInt(permissions, 8), 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(' ', 148, 156);
  block.write('0', 156, 'ascii');
  block.write('ustar\u000000', 257, 'ascii');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** Files that belong to root; folders above them are made by whoever unpacks. */
export function pack(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => {
    const content = Buffer.from(file.content);
    return [header(file, content.length), content, padding(content.length)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** The content of the first file of an archive. */
export function firstOf(archive: Buffer): string {
  const size = Number.parseInt(archive.toString('ascii', 124, 135), 8);
  return archive.toString('utf8', BLOCK, BLOCK + size);
}
