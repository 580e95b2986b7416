/** Looks at the machine for preflight.ts. Decides nothing. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { askRepositories } from '../build/debian.ts';
import { CACHE, STATE } from './paths.ts';
import { BUILDERS, judge, report, TOOLS, type Machine } from './preflight.ts';
import { CommandFailed, run } from './run.ts';

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: either way it cannot be used.
    return false;
  }
};

const onPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => folder && executable(join(folder, program)));

/** The nearest folder that exists: the cache may not, yet. */
const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)));

function words(file: string, of: (line: string) => string[]): Set<string> {
  return existsSync(file) ? new Set(readFileSync(file, 'utf8').split('\n').flatMap(of)) : new Set();
}

function controllers(): Set<string> {
  const v2 = words('/sys/fs/cgroup/cgroup.controllers', (line) => line.split(' '));
  return v2.size ? v2 : words('/proc/cgroups', (line) => (line.endsWith('\t1') ? [line.split('\t')[0]!] : []));
}

/** A question to each registry through its own client, so that its settings for proxies and mirrors are the ones tried. */
async function unreachable(): Promise<Record<string, string>> {
  // npm takes the answer out of its cache if it can: give it an empty one.
  const empty = mkdtempSync(join(tmpdir(), 'platform-npm-'));
  const client = (...command: string[]): Promise<unknown> => run(command, { timeout: 30_000, cwd: '/' });
  const questions: Record<string, () => Promise<unknown>> = {
    'the npm registry': () =>
      client('npm', 'view', '--loglevel=error', '--fetch-retries=0', `--cache=${empty}`, 'typescript', 'version'),
    'the Go module proxy': () => client('go', 'list', '-m', 'golang.org/x/sys@latest'),
    'the Debian archive': askRepositories,
  };
  const failures: Record<string, string> = {};
  await Promise.all(
    Object.entries(questions).map(async ([registry, ask]) => {
      try {
        await ask();
      } catch (error) {
        const output = error instanceof CommandFailed ? error.output : String(error);
        const lines = output.trim().split('\n');
        // npm and apt say last that they failed, and before it why.
        failures[registry] =
          (lines.find((line) => /Failed to fetch|, reason: /.test(line)) ?? lines.at(-1)) || 'no answer within 30 s';
      }
    }),
  );
  rmSync(empty, { recursive: true, force: true });
  return failures;
}

/** @param mustBuild whether something is still to be fetched or built */
export async function look(mustBuild: boolean): Promise<Machine> {
  mkdirSync(CACHE, { recursive: true });
  const go = onPath('go') ? (await run(['go', 'env', 'GOVERSION'], { cwd: '/' })).trim().replace(/^go/, '') : undefined;
  return {
    platform: process.platform,
    architecture: process.arch,
    uid: process.getuid?.() ?? -1,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeBytes: Object.fromEntries(
      [CACHE, STATE].map((folder) => {
        const { bavail, bsize } = statfsSync(existing(folder));
        return [folder, bavail * bsize];
      }),
    ),
    filesystems: words('/proc/filesystems', (line) => [line.split('\t').at(-1)!]),
    namespaces: new Set(existsSync('/proc/self/ns') ? readdirSync('/proc/self/ns') : []),
    controllers: controllers(),
    tools: new Set([...Object.keys(TOOLS), ...Object.keys(BUILDERS)].filter(onPath)),
    go,
    mustBuild,
    unreachable: mustBuild && go !== undefined ? await unreachable() : {},
  };
}

/** Throws one error with everything that is wrong with this machine, before anything is begun. */
export async function preflight(mustBuild: boolean): Promise<void> {
  const problems = judge(await look(mustBuild));
  if (problems.length) throw new Error(report(problems));
}
