/** `make render STACK=production`, made once a run: every object as text, by the name of its file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import { oncePerRun } from './once.ts';

export type Rendered = Readonly<Record<string, string>>;

/** A folder without a sandbox: whatever else runs on this machine has no say. */
export async function render(stack: string): Promise<Rendered> {
  const root = mkdtempSync(join(tmpdir(), 'platform-render-'));
  const [none, out] = [join(root, 'none'), join(root, 'out')];
  try {
    const command = [
      process.execPath,
      join(CHECKOUT, 'infra/sandbox/cli.ts'),
      'render',
      `STACK=${stack}`,
      `OUT=${out}`,
    ];
    await run(command, { cwd: root, env: { PLATFORM_SANDBOX: none, KUBECONFIG: none, PULUMI_PLUGIN_DIR: undefined } });
    const files = readdirSync(out).filter((name) => name.endsWith('.yaml'));
    return Object.fromEntries(files.map((name) => [name, readFileSync(join(out, name), 'utf8')]));
  } finally {
    rmSync(root, { recursive: true });
  }
}

export const renderedProduction = (): Promise<Rendered> =>
  oncePerRun('production-rendered', () => render('production'));
