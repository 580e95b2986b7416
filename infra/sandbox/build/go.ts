/** Go programs, built from modules whose go.sum is committed: the compiler refuses a module with another checksum. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
}

/** One build at a time: each uses every core, and two of the large ones together need more memory than a laptop has. */
let last: Promise<unknown> = Promise.resolve();

function plan({ module, package: target = '.', stamp = {} }: GoProgram) {
  const dir = join(SOURCES, 'build', module);
  const stamps = Object.entries(stamp).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...stamps].join(' ')];
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
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
      });
    }),
  );
  // The next build starts whether or not this one succeeds; who asked for this one gets its error.
  last = build.catch(() => undefined);
  return join(await build, program.name);
}
