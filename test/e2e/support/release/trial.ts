/** One released workload on the real cluster: its stack, its clients, and what can be seen of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { AppsV1Api, CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import {
  parse,
  recordName,
  runnerName,
  SIDE,
  sideName,
  SIDES,
  type ReleaseRecord,
  type Side,
} from '../../../../components/release/runner/record.ts';
import { processesOf } from '../../../../infra/sandbox/host/cgroups.ts';
import { status } from '../../../../infra/sandbox/instance.ts';
import { engine, type CommandOptions, type EngineTest } from '../../../engine/support/engine.ts';
import { Load, report, summary, type Answer, type LoadOptions, type Report } from '../open-loop.ts';
import { kubectl, platform } from '../platform.ts';
import { until } from '../until.ts';
import { CLIENT, HOST, NAME, NODE, program, PROMETHEUS, settings, type Wanted } from './program.ts';

const config = new KubeConfig();
config.loadFromFile(platform.kubeconfig);
const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];

/** One version of the app, that changes sides where nothing else is said. */
export const wanted = (version: string, over: Partial<Wanted> = {}): Wanted => ({
  strategy: 'blueGreen',
  version,
  ...over,
});

export interface Seen {
  /** The side that the Service picks. */
  readonly traffic: string;
  /** Versions of the pods that are not leaving, by side: what their settings call themselves. */
  readonly pods: Readonly<Record<string, readonly string[]>>;
}

export class Trial {
  readonly stack: EngineTest;
  readonly namespace: string;
  readonly #sandbox: string;
  readonly #node: string;
  readonly #client: number;

  private constructor(stack: EngineTest, namespace: string, at: { sandbox: string; node: string; client: number }) {
    [this.stack, this.namespace] = [stack, namespace];
    [this.#sandbox, this.#node, this.#client] = [at.sandbox, at.node, at.client];
  }

  /** A stack of its own, with nothing in it yet, and a client in a namespace beside it. */
  static async begin(name: string): Promise<Trial> {
    const namespace = `release-${name}-${process.pid.toString(36)}`;
    const { addresses } = (await status(platform.state))!;
    const stack = await engine({ source: program(), stack: name, kubeconfig: platform.kubeconfig });
    const client = await settle(addresses.name, `${namespace}-clients`);
    return new Trial(stack, namespace, { sandbox: addresses.name, node: addresses.node, client });
  }

  /** The configuration that brings something about. */
  settings(wanted: Wanted): Record<string, unknown> {
    return settings({ namespace: this.namespace, apiServer: `${this.#node}/32` }, wanted);
  }

  /** What the commands that follow are to bring about. */
  want(wanted: Wanted): Promise<void> {
    return this.stack.configure(this.settings(wanted));
  }

  async up(wanted: Wanted, options?: CommandOptions): Promise<{ output: string; seconds: number }> {
    await this.want(wanted);
    const began = performance.now();
    const { output } = await this.stack.up({ timeout: 240_000, ...options });
    return { output, seconds: Math.round((performance.now() - began) / 100) / 10 };
  }

  /** Resources that a preview would touch, by name. */
  async pending(): Promise<readonly string[]> {
    const { steps } = await this.stack.preview();
    return steps.filter(({ op }) => op !== 'same').map(({ op, urn }) => `${op} ${urn.split('::').at(-1)!}`);
  }

  async record(): Promise<ReleaseRecord> {
    const { namespace } = this;
    return parse(await core.readNamespacedConfigMap({ namespace, name: recordName(NAME) }));
  }

  /** Waits for a phase of the run that is under way, or a later one. */
  async reaches(phase: string): Promise<void> {
    const here = async (): Promise<boolean> => {
      assert.equal((await this.record()).phase, phase);
      return true;
    };
    await until(`the run is in phase ${phase}`, here, 90_000);
  }

  async seen(): Promise<Seen> {
    const { namespace } = this;
    const service = await core.readNamespacedService({ namespace, name: NAME });
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app.kubernetes.io/name=${NAME}` });
    const names = new Map<string, string>();
    for (const { metadata, data } of (await core.listNamespacedConfigMap({ namespace })).items) {
      names.set(metadata!.name!, data?.['VERSION'] ?? '');
    }
    const version = ({ spec }: V1Pod): string =>
      names.get(spec!.containers[0]!.envFrom![0]!.configMapRef!.name!) ?? 'gone';
    const live = items.filter(({ metadata }) => metadata!.deletionTimestamp === undefined);
    const bySide = Map.groupBy(live, ({ metadata }) => metadata!.labels![SIDE]!);
    return {
      traffic: service.spec!.selector![SIDE]!,
      pods: Object.fromEntries([...bySide].map(([side, pods]) => [side, pods.map(version).toSorted()])),
    };
  }

  /** What a release owns: the Service's selector, each side's size, and how often it was given another template. */
  async objects(): Promise<unknown> {
    const { namespace } = this;
    const service = await core.readNamespacedService({ namespace, name: NAME });
    const sides = await Promise.all(
      SIDES.map((side) => apps.readNamespacedDeployment({ namespace, name: sideName(NAME, side) })),
    );
    return {
      selector: service.spec!.selector,
      sides: sides.map(({ metadata, spec }) => [metadata!.generation, spec!.replicas]),
    };
  }

  /** What leads another command into the client's network. */
  get inside(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#client}/ns/net`];
  }

  /** The client's own address, which is told some time after its process has begun. */
  async clientAddress(): Promise<string> {
    const namespace = `${this.namespace}-clients`;
    let address: string | undefined;
    await until('the client has an address', async () => {
      address = (await core.readNamespacedPod({ namespace, name: 'client' })).status?.podIP;
      return address !== undefined;
    });
    return address!;
  }

  /** Requests from the client's network to the workload's Service, or by its host to the edge's. */
  async load(options: Partial<LoadOptions> = {}, by: 'service' | 'edge' = 'service', path = '/health'): Promise<Load> {
    const name = by === 'edge' ? 'edge' : NAME;
    const { spec } = await core.readNamespacedService({ namespace: this.namespace, name });
    const address = spec!.clusterIP!;
    const url = `http://${by === 'edge' ? HOST : address}${path}`;
    return Load.start({ url, address, prefix: this.inside, timeout: 5000, ...options });
  }

  /** What the trial's Prometheus says to a query now, past the fence: by the API server. Labels as JSON, and the value. */
  async metrics(query: string): Promise<readonly (readonly [Readonly<Record<string, string>>, number])[]> {
    const { namespace } = this;
    const proxy = `/api/v1/namespaces/${namespace}/services/${PROMETHEUS}:http/proxy/api/v1/query`;
    const text = await kubectl('get', '--raw', `${proxy}?${new URLSearchParams({ query }).toString()}`);
    const { data } = JSON.parse(text) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => [metric, Number(value[1])]);
  }

  /** Somebody takes the Prometheus away, or brings it back. */
  async setPrometheus(replicas: 0 | 1): Promise<void> {
    const { namespace } = this;
    const body = [{ op: 'replace', path: '/spec/replicas', value: replicas }];
    await apps.patchNamespacedDeployment({ namespace, name: PROMETHEUS, body });
    await until('it is so', async () => {
      const { status } = await apps.readNamespacedDeployment({ namespace, name: PROMETHEUS });
      return (status?.readyReplicas ?? 0) === replicas;
    });
  }

  /** Buckets that each pod of the edge gives to green, as they lie on its disk: by pod, those that leave left out. */
  async split(): Promise<Readonly<Record<string, number>>> {
    const { namespace } = this;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app.kubernetes.io/name=edge' });
    const live = items.filter(({ metadata }) => metadata!.deletionTimestamp === undefined);
    const servers = processesOf(this.#sandbox).filter(({ arguments: [program] }) => /^nginx/.test(program ?? ''));
    return Object.fromEntries(
      live.map(({ metadata }) => {
        const pid = servers.find(({ pod }) => pod === metadata!.uid)?.pid;
        const folder = `/proc/${pid ?? 0}/root/run/split/${NAME}-split`;
        return [metadata!.name!, pid === undefined ? -1 : readdirSync(folder).length];
      }),
    );
  }

  async deleteEdgePod(name: string): Promise<void> {
    await core.deleteNamespacedPod({ namespace: this.namespace, name });
  }

  /** Somebody else's hand: green is given so many buckets. */
  async divideByHand(buckets: number): Promise<void> {
    const data = Object.fromEntries(Array.from({ length: buckets }, (_, bucket) => [bucket, 'green']));
    const body = [{ op: 'add', path: '/data', value: data }];
    await core.patchNamespacedConfigMap({ namespace: this.namespace, name: `${NAME}-split`, body });
  }

  /** Another number of pods, by the way that an autoscaler takes. */
  async resize(side: Side, replicas: number): Promise<void> {
    const { namespace } = this;
    const body = [{ op: 'replace', path: '/spec/replicas', value: replicas }];
    await apps.patchNamespacedDeploymentScale({ namespace, name: sideName(NAME, side), body });
  }

  /** Pods of a side that are ready. */
  async ready(side: Side): Promise<number> {
    const { namespace } = this;
    const { status: now } = await apps.readNamespacedDeployment({ namespace, name: sideName(NAME, side) });
    return now?.readyReplicas ?? 0;
  }

  /** The process of the engine that works on this stack. */
  engineProcess(): number {
    const found = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .find((pid) => {
        try {
          const [program, verb] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
          return (
            program!.endsWith('pulumi') && verb === 'up' && readlinkSync(`/proc/${pid}/cwd`) === this.stack.project
          );
        } catch {
          return false; // It has just ended, or is none of ours.
        }
      });
    if (found === undefined) throw new Error('no engine works on this stack');
    return Number(found);
  }

  async #runnerPods(): Promise<V1Pod[]> {
    const { namespace } = this;
    const { spec } = await apps.readNamespacedDeployment({ namespace, name: runnerName(NAME) });
    const labels = Object.entries(spec!.selector.matchLabels!).map(([key, value]) => `${key}=${value}`);
    return (await core.listNamespacedPod({ namespace, labelSelector: labels.join(',') })).items;
  }

  /** The runner's pod is gone at once, and its process with it. */
  async deleteRunner(): Promise<void> {
    for (const { metadata } of await this.#runnerPods()) {
      await core.deleteNamespacedPod({ namespace: this.namespace, name: metadata!.name!, gracePeriodSeconds: 0 });
    }
  }

  /** Only the runner's process. */
  async killRunner(): Promise<void> {
    process.kill(await this.runnerProcess(), 'SIGKILL');
  }

  async runnerProcess(): Promise<number> {
    const uids = new Set((await this.#runnerPods()).map(({ metadata }) => metadata!.uid!));
    const [victim] = processesOf(this.#sandbox).filter(
      ({ pod, arguments: [, script] }) => uids.has(pod ?? '') && script === '/code/main.ts',
    );
    if (victim === undefined) throw new Error('the runner has no process');
    return victim.pid;
  }

  /** 100 requests a second while the work is done, from both kinds of clients together. Prints what became of them. */
  async underLoad<T>(
    what: string,
    work: () => Promise<T>,
    by: 'service' | 'edge' = 'service',
    path?: string,
  ): Promise<[T, Report]> {
    const loads = await Promise.all(
      (['fresh', 'kept'] as const).map((connections) => this.load({ connections, rate: 50 }, by, path)),
    );
    const ended = async (): Promise<Answer[]> => (await Promise.all(loads.map((load) => load.stop()))).flat();
    let done: T;
    try {
      done = await work();
    } catch (thrown) {
      await ended();
      throw thrown;
    }
    const sum = report(await ended());
    console.log(`    ${what}: ${summary(sum)}`);
    return [done, sum];
  }

  /** Traffic leads to two pods of that version, and there are no others but where a release keeps them for a while. */
  async serves(version: string, alone = true): Promise<void> {
    const { traffic, pods } = await this.seen();
    assert.deepEqual(pods[traffic], [version, version]);
    if (alone) assert.deepEqual(Object.keys(pods), [traffic], 'the other side has pods');
  }

  async end(): Promise<void> {
    try {
      await this.stack.destroy({ timeout: 180_000 });
    } finally {
      this.stack.remove();
      await core.deleteNamespace({ name: `${this.namespace}-clients` });
    }
  }
}

/** A pod whose network a client's process can enter. @returns a process of it */
async function settle(sandbox: string, namespace: string): Promise<number> {
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const body: V1Pod = {
    metadata: { name: 'client', labels: CLIENT },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'client', image: NODE.reference, command: ['sleep', 'infinity'] }],
    },
  };
  // The namespace's account is made a moment after the namespace.
  await until('the client is taken', async () => {
    await core.createNamespacedPod({ namespace, body });
    return true;
  });
  let found: number | undefined;
  await until('the client runs', async () => {
    const { metadata } = await core.readNamespacedPod({ namespace, name: 'client' });
    found = processesOf(sandbox).find(({ pod, arguments: [verb] }) => pod === metadata!.uid! && verb === 'sleep')?.pid;
    return found !== undefined;
  });
  return found!;
}
