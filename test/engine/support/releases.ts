/**
 * A released workload on the real engine: its two dynamic resources, before a cluster in this process that has the workload's
 * objects and a runner at work. What a version is, and what is asked of it, is configuration.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseInputs } from '../../../components/release/host.ts';
import { AT, LABELS, type Acts } from '../../unit/components/release/support/cluster.ts';
import { kubeconfigOf } from '../../unit/components/release/support/host.ts';
import { closeAll, rulesAt, Scene } from '../../unit/components/release/support/scene.ts';
import { engine, type EngineTest } from './engine.ts';

/** What the configuration says of the workload. */
export interface Wanted extends Partial<
  Pick<ReleaseInputs, 'approvals' | 'attempt' | 'replicas' | 'reports' | 'rules' | 'strategy'>
> {
  readonly version: string;
  /** @default 'good' */
  readonly acts?: Acts;
}

export const program = (): string => `
import * as pulumi from '@pulumi/pulumi';
import { withDigest } from './components/release/digest.ts';
import { Release, ReleasePrepare } from './components/release/resources.ts';

const config = new pulumi.Config('test');
const { version, acts = 'good', ...rest } = config.requireObject('wanted') as any;
const secret = config.getSecret('password');
const labels = { ...${JSON.stringify(LABELS)}, 'app.kubernetes.io/version': version };
const template = withDigest({ metadata: { labels, annotations: {} }, spec: { acts, version } }) as any;
const order = {
  cluster: {}, namespace: 'shop', name: 'web', template, strategy: 'blueGreen', attempt: 1, replicas: 2,
  steps: [{ weight: 100, window: 0 }], ...rest,
};
const prepared = new ReleasePrepare('web-prepare', order, {});
const release = new Release('web-release', order, { dependsOn: prepared });
export const password = secret, note = config.get('note'), hash = template.metadata.annotations['platform/release'], side = release.side;
`;

/**
 * The same, with the Service declared as `ReleasedWorkload` declares it: before the preparation, and found by a refresh only
 * while it is there.
 */
export const withService = (server: string): string =>
  program()
    .replace(
      'const prepared =',
      `class Declared extends pulumi.dynamic.Resource {
  constructor(name: string, url: string) {
    const create = async (inputs: any) => {
      const { status } = await fetch(inputs.url, { method: 'PUT', body: '{}' });
      if (status !== 200) throw new Error('PUT: ' + status);
      return { id: 'service', outs: inputs };
    };
    const read = async (id: string, props: any) => ((await fetch(props.url)).status === 404 ? { id: '', props: {} } : { id, props });
    super({ create, read } as any, name, { url });
  }
}
const service = new Declared('web-service', '${server}${AT.service}');
const prepared =`,
    )
    .replace("'web-prepare', order, {}", "'web-prepare', order, { dependsOn: service }");

export class Released {
  readonly scene: Scene;
  readonly kubeconfig: string;
  readonly stack: EngineTest;
  /** While it is set the runner does nothing, and a run stands where it is. */
  held = false;
  #over = false;
  readonly #runner: Promise<void>;

  private constructor(scene: Scene, stack: EngineTest, kubeconfig: string) {
    [this.scene, this.stack, this.kubeconfig] = [scene, stack, kubeconfig];
    this.#runner = this.#run();
  }

  /** A workload without a version yet, and a stack that knows of nothing. */
  static async begin(folder: string): Promise<Released> {
    const scene = await Scene.begin();
    const kubeconfig = await kubeconfigOf(scene, folder);
    return new Released(scene, await engine({ source: program(), kubeconfig }), kubeconfig);
  }

  /** Another stack, of another backend, that wants something of the same workload. */
  other(): Promise<EngineTest> {
    return engine({ source: program(), kubeconfig: this.kubeconfig });
  }

  settings(wanted: Wanted, note?: string): Record<string, unknown> {
    const rules = rulesAt(this.scene.port);
    return { 'test:wanted': { rules, ...wanted }, ...(note !== undefined && { 'test:note': note }) };
  }

  want(wanted: Wanted, note?: string): Promise<void> {
    return this.stack.configure(this.settings(wanted, note));
  }

  /** What a preview would touch, by operation and name. */
  async pending(stack = this.stack): Promise<readonly string[]> {
    const { steps } = await stack.preview();
    return steps.filter(({ op }) => op !== 'same').map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`);
  }

  /** The versions that users get. */
  get served(): readonly string[] {
    const { objects } = this.scene.cluster;
    const { spec } = objects.get(this.scene.cluster.traffic === 'blue' ? AT.blue : AT.green)!;
    return [spec.template.spec.version as string];
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      if (!this.held) await this.scene.look().catch((thrown: unknown) => this.scene.log.push(String(thrown)));
      await sleep(20);
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#runner;
    this.stack.remove();
    closeAll();
  }
}
