/** Where provider plugins come from, and what those of this project do on a machine without a cluster. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { applyingEcho, engineEnv } from '../../infra/sandbox/engine/index.ts';
import { installPlugin, type Lookup, type Wanted } from '../../infra/sandbox/engine/plugins.ts';
import { CommandFailed } from '../../infra/sandbox/host/run.ts';
import { engine, type EngineTest, type EngineTestOptions } from './support/engine.ts';

const made: EngineTest[] = [];
const start = async (options: EngineTestOptions): Promise<EngineTest> => {
  const one = await engine(options);
  made.push(one);
  return one;
};
after(() => made.forEach((one) => one.remove()));

describe('a plugin is looked for', () => {
  const root = mkdtempSync(join(tmpdir(), 'platform-plugins-'));
  after(() => rmSync(root, { recursive: true }));
  const wanted: Wanted = { name: 'random', version: '4.21.2', optional: false };
  const file = 'pulumi-resource-random';
  let count = 0;

  /** A machine with the plugin in these places. */
  async function machine(...places: ('home' | 'folder' | 'download')[]): Promise<Lookup & { downloads: string[] }> {
    const at = join(root, String(count++));
    const [userHome, folder, state] = [join(at, 'theirs'), join(at, 'folder'), join(at, 'state')];
    const put = (where: string, content: string) => {
      mkdirSync(where, { recursive: true });
      writeFileSync(join(where, file), content, { mode: 0o755 });
    };
    if (places.includes('home')) put(join(userHome, 'plugins/resource-random-v4.21.2'), 'home');
    if (places.includes('folder')) put(folder, 'folder');
    const env = await engineEnv({ state, plugins: 'echo' });
    const home = env.PULUMI_HOME!;
    const downloads: string[] = [];
    const download = async ({ name }: Wanted): Promise<void> => {
      downloads.push(name);
      if (!places.includes('download')) throw new CommandFailed(['pulumi'], 1, 'unreachable');
      put(join(home, 'plugins/resource-random-v4.21.2'), 'download');
      return Promise.resolve();
    };
    return { home, env, userHome, folder, download, downloads };
  }
  const content = ({ home }: Lookup): string =>
    readFileSync(join(home, 'plugins/resource-random-v4.21.2', file), 'utf8');

  test("first in the user's own Pulumi home", async () => {
    const lookup = await machine('home', 'folder', 'download');
    assert.equal(await installPlugin(wanted, lookup), 'home');
    assert.equal(content(lookup), 'home');
  });

  test('then in the folder that PULUMI_PLUGIN_DIR names', async () => {
    const lookup = await machine('folder', 'download');
    assert.equal(await installPlugin(wanted, lookup), 'folder');
    assert.equal(content(lookup), 'folder');
    assert.deepEqual(lookup.downloads, []);
  });

  test('then by a download, once', async () => {
    const lookup = await machine('download');
    assert.equal(await installPlugin(wanted, lookup), 'download');
    assert.equal(await installPlugin(wanted, lookup), 'download');
    assert.deepEqual(lookup.downloads, ['random']);
  });

  test("last among this project's fallbacks, into the instance's own home, and is not downloaded again and again", async () => {
    const lookup = await machine();
    assert.equal(await installPlugin(wanted, lookup), 'fallback');
    assert.equal(await installPlugin(wanted, lookup), 'fallback');
    assert.deepEqual(lookup.downloads, ['random']);
    assert.match(content(lookup), /^#!\/bin\/sh/);
  });

  test('nowhere but there when the fallback is asked for', async () => {
    const lookup = { ...(await machine('home', 'folder', 'download')), forced: true };
    assert.equal(await installPlugin(wanted, lookup), 'fallback');
  });

  test('again when a better place has it now', async () => {
    const lookup = await machine('folder');
    assert.equal(await installPlugin(wanted, { ...lookup, forced: true }), 'fallback');
    assert.equal(await installPlugin(wanted, lookup), 'folder');
    assert.equal(content(lookup), 'folder');
  });

  test('in vain: the error names the plugin and what to do', async () => {
    const lookup = await machine();
    await assert.rejects(
      installPlugin({ name: 'docker', version: '5.2.0', optional: false }, lookup),
      /no docker plugin 5\.2\.0.*PULUMI_PLUGIN_DIR/,
    );
    assert.equal(await installPlugin({ name: 'docker', version: '5.2.0', optional: true }, lookup), 'none');
  });
});

const CLUSTER = `
import * as pulumi from '@pulumi/pulumi';
import * as k8s from '@pulumi/kubernetes';
import * as random from '@pulumi/random';
const provider = new k8s.Provider('cluster', { kubeconfig: process.env.TEST_KUBECONFIG ?? 'none', clusterIdentifier: 'x' });
const namespace = new k8s.core.v1.Namespace('namespace', { metadata: { name: 'one' } }, { provider });
const password = new random.RandomPassword('password', { length: 12, special: false });
new k8s.core.v1.Secret('secret', {
  metadata: { name: 'two', namespace: namespace.metadata.name }, stringData: { password: password.result },
}, { provider });
class Never extends pulumi.dynamic.Resource {
  constructor() { super({ create: async () => { throw new Error('the real code ran'); } }, 'never', {}); }
}
new Never();
`;

const kubeconfig = (context: string, server: string): string =>
  JSON.stringify({
    'current-context': context,
    contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 't' } }],
  });

describe('the fallback kubernetes plugin', () => {
  const environment = (context: string, server: string) => ({
    PLATFORM_PLUGINS: 'fallback',
    TEST_KUBECONFIG: kubeconfig(context, server),
  });
  const previewing = async (env: Record<string, string>): Promise<string> => {
    const stack = await start({ source: CLUSTER, plugins: 'fallback', env });
    return (await stack.pulumi(['preview'], { fails: true })).output;
  };

  test('refuses a cluster that is not the sandbox, by address and by name', async () => {
    const refusal = /serves the sandbox only, not the context "(prod|sandbox)" at/;
    assert.match(await previewing(environment('prod', 'https://127.0.0.1:1')), refusal);
    assert.match(await previewing(environment('sandbox', 'https://10.0.0.1:6443')), refusal);
  });

  test('tries the sandbox, and any cluster that ALLOW_FALLBACK=1 lets it', async () => {
    const reached = /ECONNREFUSED 127\.0\.0\.1:1/;
    assert.match(await previewing(environment('sandbox', 'https://127.0.0.1:1')), reached);
    assert.match(await previewing({ ...environment('prod', 'https://127.0.0.1:1'), ALLOW_FALLBACK: '1' }), reached);
  });
});

describe('a plan with echoing plugins', () => {
  test('needs no cluster, says that nothing was created, and shows no secret', async () => {
    const stack = await start({ source: CLUSTER, plugins: 'echo' });
    const { output } = await stack.pulumi(['preview']);
    assert.match(output, /PLAN ONLY: the kubernetes plugin repeats what it is given; nothing was created/);
    assert.match(output, /PLAN ONLY: the random plugin/);
  });

  test('can be applied to a throw-away state without running the code of any dynamic provider', async () => {
    const stack = await start({ source: CLUSTER, plugins: 'echo' });
    await stack.up({ fails: true });
    await stack.up({ env: applyingEcho({ ...stack.env }) });
    assert.deepEqual((await stack.preview()).changeSummary, { same: 6 });
  });
});
