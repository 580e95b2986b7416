/** The six pods of the scenarios, alive: every connection between them tried for real, and cyclonus asked about the same. */
import type { V1NetworkPolicy, V1Pod } from '@kubernetes/client-node';
import { addresses, core, eventually, listener, started, withoutLeftover, withPolicies } from './cluster.ts';
import { judge, type Question } from './cyclonus.ts';
import { Prober } from './prober.ts';
import { declaredPorts, NAMES, podLabels, PORTS, portName, SPACES, spaceLabels } from './scenarios.ts';

export interface Verdict {
  readonly connection: string;
  readonly real: boolean;
  readonly judged: boolean;
}

export class Matrix {
  readonly #pods: V1Pod[];
  readonly #probers: Map<V1Pod, Prober>;

  private constructor(pods: V1Pod[], probers: Map<V1Pod, Prober>) {
    this.#pods = pods;
    this.#probers = probers;
  }

  static async start(): Promise<Matrix> {
    for (const name of SPACES) {
      const labels = { ...spaceLabels(name), 'pod-security.kubernetes.io/enforce': 'restricted' };
      await withoutLeftover(() => core.deleteNamespace({ name }));
      await eventually(
        `an earlier namespace ${name} is gone`,
        async () => (await core.listNamespace({ fieldSelector: `metadata.name=${name}` })).items.length === 0,
        60_000,
      );
      await core.createNamespace({ body: { metadata: { name, labels } } });
    }
    const pods = await started(
      SPACES.flatMap((space) =>
        NAMES.map((name) => listener(space, name, { labels: podLabels(name), ports: declaredPorts(name) })),
      ),
    );
    const probers = new Map<V1Pod, Prober>();
    for (const pod of pods) probers.set(pod, await Prober.inPod(addresses.name, pod.metadata!.uid!));
    return new Matrix(pods, probers);
  }

  async stop(): Promise<void> {
    for (const prober of this.#probers.values()) prober.stop();
    for (const name of SPACES) await core.deleteNamespace({ name });
  }

  pod(space: string, name: string): V1Pod {
    return this.#pods.find(({ metadata }) => metadata!.namespace === space && metadata!.name === name)!;
  }

  readonly ip = (space: string, name: string): string => this.pod(space, name).status!.podIP!;

  prober(space: string, name: string): Prober {
    return this.#probers.get(this.pod(space, name))!;
  }

  /** Every connection from every pod to every port of every other, TCP and UDP. */
  #questions() {
    return this.#pods.flatMap((from) =>
      this.#pods
        .filter((to) => to !== from)
        .flatMap((to) =>
          PORTS.flatMap((port) => (['TCP', 'UDP'] as const).map((protocol) => ({ from, to, port, protocol }))),
        ),
    );
  }

  /** Once all listeners answer: what runs is not yet what listens. */
  async ready(): Promise<void> {
    for (const deadline = Date.now() + 30_000; ;) {
      const closed = (await this.#real()).filter((open) => !open).length;
      if (closed === 0) return;
      if (Date.now() > deadline) throw new Error(`${closed} connections do not work without any policy`);
    }
  }

  #real(): Promise<boolean[]> {
    return Promise.all(
      this.#questions().map(async ({ from, to, port, protocol }) => {
        const { answer } = await this.#probers.get(from)!.ask({ host: to.status!.podIP!, port, protocol });
        if (answer !== 'open' && answer !== 'silent')
          throw new Error(`${describe(from, to, port, protocol)}: ${answer}`);
        return answer === 'open';
      }),
    );
  }

  /** Real and judged, for each connection, while these policies and no other are in force. */
  async verdicts(policies: readonly V1NetworkPolicy[]): Promise<Verdict[]> {
    const questions = this.#questions();
    const [real, judged] = await Promise.all([
      withPolicies(policies, () => this.#real()),
      judge(
        policies,
        questions.map(({ from, to, port, protocol }): Question => ({
          ...{ from: party(from), to: party(to), port, protocol },
          portName: portName(to.metadata!.name!, port, protocol),
        })),
      ),
    ]);
    return questions.map(({ from, to, port, protocol }, at) => ({
      ...{ connection: describe(from, to, port, protocol), real: real[at]!, judged: judged[at]! },
    }));
  }
}

const nameOf = ({ metadata }: V1Pod): string => `${metadata!.namespace!.at(-1)!}/${metadata!.name!}`;

const describe = (from: V1Pod, to: V1Pod, port: number, protocol: string): string =>
  `${nameOf(from)} -> ${nameOf(to)} ${protocol} ${port}`;

const party = ({ metadata, status }: V1Pod) => ({
  namespace: metadata!.namespace!,
  namespaceLabels: { ...spaceLabels(metadata!.namespace!), 'kubernetes.io/metadata.name': metadata!.namespace! },
  labels: metadata!.labels!,
  ip: status!.podIP!,
});
