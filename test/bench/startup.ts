/**
 * How long a person waits before anything happens: from the start of the program's process to the first resource that
 * is not the stack. Beside it, in the same run, the same program under Pulumi's default set-up (the SDK's own ts-node,
 * with its type check), because only a ratio means something on another machine. That ts-node keeps what it compiled in
 * the temporary folder, so it is timed twice: as on a pipeline's fresh machine, and with nothing changed since last time.
 *
 *   node test/bench/startup.ts [ROUNDS]      writes .out/bench/startup.json
 */
import { spawn } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import { listen } from './monitor.ts';

const HUNG = 120_000;

interface SetUp {
  readonly name: string;
  readonly root: string;
  readonly main: string;
  readonly env: Record<string, string>;
}

/** The configuration as the language host hands it over: every value as text, objects as JSON. */
function configuration(): string {
  const file = load(readFileSync(join(CHECKOUT, 'Pulumi.local.yaml'), 'utf8')) as { config?: Record<string, unknown> };
  const entries = Object.entries(file.config ?? {}).map(([key, value]) => [
    key.replace(':', ':config:'),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Milliseconds from the start of the process to its first resource. */
async function once({ root, main, env }: SetUp): Promise<number> {
  const monitor = await listen();
  const executor = createRequire(join(root, 'package.json')).resolve('@pulumi/pulumi/cmd/run');
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      executor,
      '--monitor',
      monitor.address,
      '--engine',
      monitor.address,
      '--project',
      'platform',
      '--stack',
      'local',
      '--pwd',
      root,
      '--dry-run',
      '--parallel',
      '8',
      main,
    ],
    { cwd: root, env: { ...process.env, PULUMI_CONFIG: configuration(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (printed += part.toString()));
  try {
    return await new Promise<number>((resolve, reject) => {
      const alarm = setTimeout(() => reject(new Error(`no resource within ${HUNG / 1000} s:\n${printed}`)), HUNG);
      void monitor.first.then(() => resolve(performance.now() - began)).finally(() => clearTimeout(alarm));
      child.on('exit', (code) =>
        reject(new Error(`the program ended with ${code} before its first resource:\n${printed}`)),
      );
    });
  } finally {
    child.kill('SIGKILL');
    monitor.close();
  }
}

/** The same program as people usually set it up: CommonJS, no file endings, compiled and checked by ts-node at each start. */
function underTsNode(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ts-node-'));
  for (const folder of ['components', 'stacks'])
    cpSync(join(CHECKOUT, folder), join(copy, folder), { recursive: true });
  for (const file of globSync('**/*.ts', { cwd: copy })) {
    const text = readFileSync(join(copy, file), 'utf8');
    writeFileSync(join(copy, file), text.replace(/((?:from|import\()\s*'\.[^']*)\.ts'/g, "$1'"));
  }
  // CommonJS knows no `await` at the top of a module.
  rmSync(join(copy, 'stacks/index.ts'));
  writeFileSync(
    join(copy, 'index.ts'),
    [
      "import { loadConfiguration } from './stacks/config/load';",
      "import { corporateIntelligence } from './stacks/corporate-intelligence';",
      'export = corporateIntelligence(loadConfiguration("corporate-intelligence"));',
    ].join('\n'),
  );
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ name: 'platform', main: 'index.ts' }));
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        target: 'es2022',
        lib: ['es2024'],
        module: 'commonjs',
        moduleResolution: 'node',
        esModuleInterop: true,
        resolveJsonModule: true,
        skipLibCheck: true,
        types: ['node'],
      },
    }),
  );
  symlinkSync(join(CHECKOUT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const rounds = Number(process.argv[2] ?? 15);
const copy = underTsNode();
try {
  const tsNode = { PULUMI_NODEJS_TYPESCRIPT: 'true', TS_NODE_CACHE_DIRECTORY: join(copy, '.cache') };
  const setUps: SetUp[] = [
    { name: 'as it is', root: CHECKOUT, main: CHECKOUT, env: {} },
    { name: 'default ts-node, cached', root: copy, main: copy, env: tsNode },
    { name: 'default ts-node, nothing cached', root: copy, main: copy, env: { ...tsNode, TS_NODE_CACHE: 'false' } },
  ];
  const times: Record<string, number[]> = Object.fromEntries(setUps.map(({ name }) => [name, []]));
  for (const setUp of setUps) await once(setUp);
  // Alternating, so that whatever else the machine does falls on both.
  for (let round = 0; round < rounds; round++) {
    for (const setUp of setUps) times[setUp.name]!.push(await once(setUp));
  }
  const [own] = setUps;
  const result = {
    what: 'milliseconds from the start of the program to its first resource that is not the stack',
    rounds,
    setUps: setUps.map(({ name }) => ({
      name,
      median: Math.round(median(times[name]!)),
      worst: Math.round(Math.max(...times[name]!)),
      ratio: Number((median(times[name]!) / median(times[own!.name]!)).toFixed(2)),
    })),
  };
  mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
  writeFileSync(join(CHECKOUT, '.out/bench/startup.json'), `${JSON.stringify(result, null, 2)}\n`);
  say(JSON.stringify(result, null, 2));
} finally {
  rmSync(copy, { recursive: true, force: true });
}
