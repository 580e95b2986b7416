/** `make preview`, `make render` and `make outputs` of this very checkout, without a cluster and without credentials. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../infra/sandbox/host/run.ts';
import { render, renderedProduction, type Rendered } from './support/rendered.ts';

const root = mkdtempSync(join(tmpdir(), 'platform-plans-'));
after(() => rmSync(root, { recursive: true }));
/** A folder without a sandbox: whatever else runs on this machine has no say. */
const env = { PLATFORM_SANDBOX: join(root, 'none'), KUBECONFIG: join(root, 'none'), PULUMI_PLUGIN_DIR: undefined };
const verb = (...args: string[]): Promise<string> =>
  run([process.execPath, join(CHECKOUT, 'infra/sandbox/cli.ts'), ...args], { cwd: root, env });
const failure = async (...args: string[]): Promise<CommandFailed> => {
  const error = await verb(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CommandFailed && error.code === 1, `${args.join(' ')} failed with 1`);
  return error;
};

describe('render', () => {
  let once: Rendered;
  let again: Rendered;
  before(async () => {
    once = await renderedProduction();
    again = await render('production');
  });

  test('writes one object a file, named after it', () => {
    for (const [file, text] of Object.entries(once)) {
      const { kind, metadata } = load(text) as { kind: string; metadata: { name: string; namespace?: string } };
      assert.equal(file, `${metadata.namespace ?? 'cluster'}_${kind}_${metadata.name}.yaml`);
    }
    assert.ok(Object.keys(once).some((name) => name.endsWith('_Deployment_api-blue.yaml')));
  });

  test('writes the same bytes each time', () => assert.deepEqual(once, again));

  test('shows which secrets there are, and of none what it is', () => {
    const secrets = Object.values(once)
      .map((text) => load(text) as { kind: string; data?: object; stringData?: Record<string, string> })
      .filter(({ kind }) => kind === 'Secret');
    assert.ok(secrets.length > 0);
    for (const { data, stringData = {} } of secrets) {
      assert.equal(data, undefined);
      assert.ok(Object.keys(stringData).length > 0);
      assert.deepEqual([...new Set(Object.values(stringData))], ['[secret]']);
    }
  });
});

describe('preview', () => {
  const [json, markdown] = ['json', 'md'].map((type) => join(CHECKOUT, `.out/preview/local.${type}`));

  test('of a stack that cannot be read plans all of it as new, and says that nothing was created', async () => {
    const said = await verb('preview', 'STACK=local');
    assert.match(said, /Compared with an empty stack.*No cluster was asked/);
    assert.match(said, /PLAN ONLY.*nothing was created/);
    const plan = JSON.parse(readFileSync(json!, 'utf8')) as { steps: { op: string }[]; changeSummary: object };
    assert.ok(plan.steps.length > 50);
    assert.deepEqual(Object.keys(plan.changeSummary), ['create']);
    assert.equal(readFileSync(markdown!, 'utf8'), said);
  });

  test('fails on a change where none is expected, and names it', async () => {
    const { output } = await failure('preview', 'STACK=local', 'EXPECT=no-changes');
    assert.match(output, /no change was expected, found \d+:\n {2}create /);
  });

  test('against a git ref that is what the checkout was, leaves no worktree behind', async () => {
    const worktrees = () => run(['git', 'worktree', 'list'], { cwd: CHECKOUT });
    const before = await worktrees();
    assert.match(await verb('preview', 'STACK=local', 'BASE=HEAD'), /Compared with what `HEAD` would deploy/);
    assert.equal(await worktrees(), before);
  });

  test('of a stack that there is not, or with an expectation that there is not, says what there is', async () => {
    assert.match((await failure('preview', 'STACK=prod')).output, /no Pulumi\.prod\.yaml/);
    assert.match(
      (await failure('preview', 'STACK=local', 'EXPECT=changes')).output,
      /found "changes"; wanted no-changes/,
    );
  });
});

test('outputs of a stack that is not deployed is an error, and nothing on the standard output', async () => {
  const { output } = await failure('outputs', 'STACK=production');
  assert.match(output, /production is not deployed from here/);
  assert.ok(!output.includes('{'));
  assert.ok(!existsSync(env.PLATFORM_SANDBOX), 'nothing was made');
});
