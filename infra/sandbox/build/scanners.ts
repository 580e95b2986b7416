/** Programs that read manifests and say what is wrong with them. Neither asks anybody while it does. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { artifact, keyOf } from '../host/cache.ts';
import { SOURCES } from '../host/paths.ts';
import { CommandFailed, run } from '../host/run.ts';
import { goProgram } from './go.ts';

/** kube-score's path. About a minute, once. */
export const kubeScore = (): Promise<string> =>
  goProgram({ name: 'kube-score', module: 'kubescore', package: 'github.com/zegl/kube-score/cmd/kube-score' });

/** The wheels in the list are those of this Python, Debian 12's. */
const PYTHON = '3.11';

/** What this machine lacks for checkov, in words; undefined where it lacks nothing. */
export async function lacksForCheckov(): Promise<string | undefined> {
  try {
    const version = (await run(['python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])).trim();
    if (version !== PYTHON) return `checkov is pinned for Python ${PYTHON}; here is ${version}`;
    await run(['python3', '-m', 'pip', '--version']);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `checkov needs python3 (${PYTHON}) with pip`;
  }
}

/** The folder that checkov is installed into, with all it needs, each wheel by its hash. Half a minute, once. */
export function checkov(): Promise<string> {
  const list = join(SOURCES, 'build/checkov/requirements.txt');
  return artifact('checkov', keyOf(PYTHON, readFileSync(list, 'utf8')), async (dir) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
    const exact = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-compile'];
    await run(['nice', 'python3', '-m', 'pip', 'install', ...quiet, ...exact, '--target', dir, '--requirement', list]);
  });
}
