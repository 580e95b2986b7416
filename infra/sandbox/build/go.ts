/** Go programs, built from modules whose go.sum is committed: the compiler refuses a module with another checksum. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { artifact, folderOf, keyOf } from '../host/cache.ts';
import { SOURCES } from '../host/paths.ts';
import { run } from '../host/run.ts';

export interface GoProgram {
  /** File name of the binary. */
  readonly name: string;
  /** Folder below `build/` that holds go.mod. */
  readonly module: string;
  /** What to build: a folder of the module (`./pause`) or the import path of a `tool` of it. Default: the module's root. */
  readonly package?: string;
  /** Values put into string variables by the linker. */
  readonly stamp?: Readonly<Record<string, string>>;
  /**
   * Compiled without optimisation, for a program whose build costs more than everything it will ever do: an operator that
   * asks a queue twice a minute. Not for one that shares most of its packages with a program built the other way (each
   * package would be compiled twice), and not for one whose speed any test measures.
   */
  readonly quick?: true;
}

/**
 * `-N -l`: no optimisation, no inlining; the code says the same. `-dwarf=false`: no tables for debuggers, which the linker's
 * `-w` would throw away. Standard library included (`all=`), so programs built like this share packages with each other only.
 */
const QUICK = ['-gcflags', 'all=-N -l -dwarf=false'] as const;

const GIB = 1024 ** 3;

/**
 * How much garbage a compiler may let lie before it sweeps. At Go's own 100 % a quarter of a build's work is sweeping; at 400 % a
 * process may come to hold five times what it needs, so only where each core has 4 GiB. What comes out is the same to the byte.
 */
function sweeping(): Record<string, string> {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return memory / availableParallelism() >= 4 * GIB ? { GOGC: '400' } : {};
}

/** One build at a time: each uses every core, and two of the large ones together need more memory than a laptop has. */
let last: Promise<unknown> = Promise.resolve();

function plan({ module, package: target = '.', stamp = {}, quick }: GoProgram) {
  const dir = join(SOURCES, 'build', module);
  const stamps = Object.entries(stamp).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ['-trimpath', ...(quick ? QUICK : []), '-ldflags', ['-s', '-w', ...stamps].join(' ')];
  const sources = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.go$|^go\.(mod|sum)$/.test(file))
    .sort();
  const key = keyOf(target, ...flags, ...sources.flatMap((file) => [file, readFileSync(join(dir, file), 'utf8')]));
  return { dir, flags, target, key };
}

/** Whether the program lies in the cache. */
export const isBuilt = (program: GoProgram): boolean => existsSync(folderOf(program.name, plan(program).key));

/**
 * The path of the built binary. Minutes for a first build, nothing after that; an interrupted build goes on where the
 * compiler's own cache ends.
 */
export async function goProgram(program: GoProgram): Promise<string> {
  const { dir, flags, target, key } = plan(program);
  const build = last.then(() =>
    artifact(program.name, key, async (out) => {
      await run(['nice', 'go', 'build', ...flags, '-o', join(out, program.name), target], {
        cwd: dir,
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off', ...sweeping() },
      });
    }),
  );
  // The next build starts whether or not this one succeeds; who asked for this one gets its error.
  last = build.catch(() => undefined);
  return join(await build, program.name);
}
