/** Where provider plugins come from, and what those of this project do on a machine without a cluster. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { applyingEcho, engineEnv } from '../../infra/sandbox/engine/index.ts';
import { installPlugin, wantedPlugins, type Lookup, type Wanted } from '../../infra/sandbox/engine/plugins.ts';
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
      installPlugin({ name: 'gcp', version: '5.2.0', optional: false }, lookup),
      /no gcp plugin 5\.2\.0.*PULUMI_PLUGIN_DIR/,
    );
  });

  test('without a download and without a fallback where no stack needs it', async () => {
    const lookup = await machine('download');
    assert.equal(await installPlugin({ ...wanted, optional: true }, lookup), 'none');
    assert.deepEqual(lookup.downloads, []);
    assert.ok(!existsSync(join(lookup.home, 'plugins')));
  });

  test('by every stack for kubernetes and random, for aws and docker by those that use them', () => {
    const optional = (needed?: string[]) => wantedPlugins(needed).flatMap((one) => (one.optional ? [one.name] : []));
    assert.deepEqual(optional(), ['aws', 'docker']);
    assert.deepEqual(optional(['aws']), ['docker']);
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

const HOSTS = `
import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/aws/provider.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { Cluster } from '@pulumi/aws/eks/cluster.js';
import { Container } from '@pulumi/docker/container.js';
const given = new pulumi.Config();
const provider = new Provider('account', {
  region: 'eu-central-1', allowedAccountIds: ['210987654321'], defaultTags: { tags: { of: 'all' } },
});
const opts = { provider };
const vpc = new Vpc('vpc', { cidrBlock: given.get('cidr') ?? '10.0.0.0/16', tags: { Name: 'one' } }, opts);
const subnet = new Subnet('subnet', { vpcId: vpc.id, cidrBlock: '10.0.0.0/24' }, opts);
const cluster = new Cluster('cluster', {
  name: 'one', roleArn: 'arn:aws:iam::210987654321:role/one', vpcConfig: { subnetIds: [subnet.id] },
}, opts);
new Container('container', { name: 'one', image: 'nginx', memory: given.getNumber('memory') ?? 256 });
export const vpcArn = vpc.arn;
export const tags = vpc.tagsAll;
export const region = cluster.region;
export const group = cluster.vpcConfig.clusterSecurityGroupId;
export const authority = cluster.certificateAuthority.data;
export const issuer = cluster.identities[0].oidcs[0].issuer;
`;

describe('a plan with resources of AWS and Docker', () => {
  const planned = () => start({ source: HOSTS, plugins: 'echo' });

  test('needs neither; what they would make is not known, what the plugin knows by itself is', async () => {
    const stack = await planned();
    const { output } = await stack.pulumi(['preview']);
    assert.match(output, /PLAN ONLY: the aws plugin repeats what it is given; nothing was created/);
    assert.match(output, /PLAN ONLY: the docker plugin/);
    const shown = output.slice(output.indexOf('Outputs:'));
    for (const name of ['vpcArn', 'group', 'authority', 'issuer']) {
      assert.match(shown, new RegExp(`${name} *: \\[unknown\\]`), name);
    }
    assert.match(shown, /region *: "eu-central-1"/);
    assert.match(shown, /of *: "all"/);
  });

  test('is refused as an update: nothing was created, and the official plugin is named', async () => {
    const stack = await planned();
    const { output } = await stack.up({ fails: true });
    // Which of the two the engine comes to first is its own business: it ends with that one.
    assert.match(output, /\w+ was not created, nothing was created or changed/);
    assert.match(output, /pulumi plugin install resource (aws 7|docker 5)\./);
    assert.ok(!(await stack.export()).some(({ type }) => type.startsWith('aws:')));
  });

  test('can be applied to a throw-away state with made-up values in the form of AWS’s, and is quiet then', async () => {
    const stack = await planned();
    await stack.up({ env: applyingEcho({ ...stack.env }) });
    const { vpcArn, group, authority, issuer } = (await stack.outputs()) as Record<string, string>;
    assert.match(vpcArn!, /^arn:aws:ec2:eu-central-1:210987654321:vpc\//);
    assert.match(group!, /^sg-[0-9a-f]{17}$/);
    assert.match(issuer!, /^https:/);
    assert.equal(Buffer.from(authority!, 'base64').toString('base64'), authority);
    const vpc = (await stack.export()).find(({ type }) => type === 'aws:ec2/vpc:Vpc');
    assert.match(vpc!.id!, /^vpc-[0-9a-f]{17}$/);
    assert.deepEqual(Object.keys((await stack.preview()).changeSummary), ['same']);
    await stack.configure({ 'test:cidr': '10.1.0.0/16', 'test:memory': 512 });
    const ops = (await stack.preview()).steps.map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`);
    for (const step of ['replace vpc', 'replace subnet', 'update container'])
      assert.ok(ops.includes(step), String(ops));
  });
});
