/** What kube-score and checkov say against a folder of manifests, in one form. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkov, kubeScore } from '../../../../infra/sandbox/build/scanners.ts';
import { CommandFailed, run } from '../../../../infra/sandbox/host/run.ts';

export interface Finding {
  readonly tool: 'kube-score' | 'checkov';
  /** The tool's own name of the check. */
  readonly check: string;
  /** `Deployment namespace/api` */
  readonly object: string;
  /** What it says, with the container where it names one. */
  readonly says: string;
}

interface Scored {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string; readonly namespace?: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** Of 10: 1 is critical, 5 a warning, 7 nearly good. */
const GOOD = 7;

/** The Kubernetes that the manifests are for: an older default would ask for APIs that are gone. */
const VERSION = 'v1.34';

export async function scored(files: readonly string[]): Promise<{ objects: number; findings: Finding[] }> {
  const program = await kubeScore();
  const command = [program, 'score', '--kubernetes-version', VERSION, '--output-format', 'json', ...files];
  // It ends with 1 where it found something.
  const text = await run(command).catch((error: unknown) => {
    if (error instanceof CommandFailed && error.code === 1 && error.output.startsWith('[')) return error.output;
    throw error;
  });
  const all = JSON.parse(text) as Scored[];
  const findings = all.flatMap(({ type_meta, object_meta: { name, namespace }, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < GOOD)
      .flatMap(({ check, comments }) =>
        (comments ?? [{ path: '', summary: check.id }]).map(({ path, summary }) => ({
          ...{ tool: 'kube-score' as const, check: check.id },
          object: `${type_meta.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
          says: path === '' ? summary : `${path}: ${summary}`,
        })),
      ),
  );
  return { objects: all.length, findings };
}

interface Checked {
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
    }[];
  };
  readonly summary: { readonly passed: number; readonly parsing_errors: number; readonly resource_count: number };
}

/** Where nobody listens: what would ask a server outside fails at once, and the verdict comes all the same. */
const NOWHERE = 'http://127.0.0.1:9';

export async function checked(folder: string): Promise<{ passed: number; findings: Finding[] }> {
  const library = await checkov();
  const home = join(folder, '..', 'checkov-home');
  mkdirSync(home, { recursive: true });
  const options = [
    '--framework',
    'kubernetes',
    '--output',
    'json',
    '--quiet',
    '--compact',
    '--soft-fail',
    '--skip-download',
  ];
  const text = await run(['python3', join(library, 'bin/checkov'), '--directory', folder, ...options], {
    env: {
      ...{ PYTHONPATH: library, HOME: home, PYTHONDONTWRITEBYTECODE: '1' },
      ...{ http_proxy: NOWHERE, https_proxy: NOWHERE, HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, no_proxy: '' },
    },
    timeout: 900_000,
  });
  const { results, summary } = JSON.parse(text.slice(text.indexOf('{'))) as Checked;
  if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} of the files`);
  const findings = results.failed_checks.map(({ check_id, check_name, resource }) => {
    const [kind, namespace, ...name] = resource.split('.');
    return {
      ...{ tool: 'checkov' as const, check: check_id, says: check_name },
      object: `${kind!} ${namespace === 'default' ? '' : `${namespace!}/`}${name.join('.')}`,
    };
  });
  return { passed: summary.passed, findings };
}
