/** Programs that read manifests and scripts and say what is wrong with them. Neither asks anybody while it does. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { artifact, keyOf } from '../host/cache.ts';
import { SOURCES } from '../host/paths.ts';
import { CommandFailed, run } from '../host/run.ts';
import { unpacked } from './debian.ts';
import { goProgram } from './go.ts';

/** kube-score's path. About a minute, once. */
export const kubeScore = (): Promise<string> =>
  goProgram({ name: 'kube-score', module: 'kubescore', package: 'github.com/zegl/kube-score/cmd/kube-score' });

/** The wheels in the list are those of this Python, Debian 12's. */
const PYTHON = '3.11';

/**
 * What this machine lacks for a program of Python's, in words; undefined where it lacks nothing.
 *
 * @param name of the program, for people
 */
export async function lacksForPython(name: string): Promise<string | undefined> {
  try {
    const version = (await run(['python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])).trim();
    if (version !== PYTHON) return `${name} is pinned for Python ${PYTHON}; here is ${version}`;
    await run(['python3', '-m', 'pip', '--version']);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `${name} needs python3 (${PYTHON}) with pip`;
  }
}

/**
 * The folder that packages of Python are installed into, each wheel by its hash. Half a minute, once.
 *
 * @param name of what they are for
 * @param list the file that names all of them
 */
export function pythonPackages(name: string, list: string): Promise<string> {
  return artifact(name, keyOf(PYTHON, readFileSync(list, 'utf8')), async (dir) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
    const exact = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-compile'];
    await run(['nice', 'python3', '-m', 'pip', 'install', ...quiet, ...exact, '--target', dir, '--requirement', list]);
  });
}

/** The folder of checkov with all it needs. */
export const checkov = (): Promise<string> =>
  pythonPackages('checkov', join(SOURCES, 'build/checkov/requirements.txt'));

/**
 * What shellcheck finds in a script, as it prints it; nothing is an empty text. A few MB, fetched once.
 *
 * @param text the script; its first line says which shell
 */
export async function shellcheck(text: string, ...options: readonly string[]): Promise<string> {
  const root = await unpacked('shellcheck', ['shellcheck', 'libgmp10', 'libffi8']);
  const env = { LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') };
  try {
    return await run([join(root, 'usr/bin/shellcheck'), '--format=gcc', ...options, '-'], { env, input: text });
  } catch (error) {
    if (!(error instanceof CommandFailed && error.code === 1)) throw error;
    return error.output;
  }
}
