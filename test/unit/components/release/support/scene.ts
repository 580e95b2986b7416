/** One workload on a cluster of this process, its engine's orders, and its runner. */
import assert from 'node:assert/strict';
import { RULES } from '../../../../../components/release/runner/analysis.ts';
import type { Kube } from '../../../../../components/release/runner/kube.ts';
import { fields, type Order, type Rules } from '../../../../../components/release/runner/record.ts';
import { look, type Look } from '../../../../../components/release/runner/run.ts';
import type { EdgePods } from '../../../../../components/release/runner/edge-pods.ts';
import { SERVICE, type Traffic } from '../../../../../components/release/runner/traffic.ts';
import { AT, FakeCluster, LABELS, templateOf, type Acts } from './cluster.ts';
import { FakeEdge } from './edge.ts';

const clusters: FakeCluster[] = [];
const edges: FakeEdge[] = [];

/** Of all scenes of this process. */
export const closeAll = (): void => [...clusters, ...edges].forEach((one) => one.close());

/** Windows so short that a run takes a fraction of a second. */
export const rulesAt = (port: number): Rules => ({
  ...{ ready: 600, candidate: 60, soak: 80, keepFor: 10_000, deadline: 20_000, crashes: 3 },
  probe: { port, paths: ['/health'], interval: 5, timeout: 2000 },
  analysis: {
    ...RULES,
    ...{ hold: 5000, freshness: 5000, latency: null, database: null, restarts: null },
    errors: { most: 0.05, minimum: 5, recent: 20, fewest: 1 },
  },
});

const STEPS = { blueGreen: [{ weight: 100, window: 0 }], rolling: [], canary: [{ weight: 10, window: 100 }] } as const;

export class Scene {
  readonly cluster: FakeCluster;
  readonly kube: Kube;
  readonly port: number;
  readonly log: string[] = [];
  traffic: Traffic = SERVICE;
  edge: EdgePods | undefined;

  private constructor(cluster: FakeCluster, kube: Kube, port: number) {
    [this.cluster, this.kube, this.port] = [cluster, kube, port];
  }

  static async begin(): Promise<Scene> {
    const cluster = new FakeCluster();
    clusters.push(cluster);
    const port = await cluster.podPort();
    return new Scene(cluster, await cluster.kube(), port);
  }

  /** With a version live on blue. */
  static async installed(digest = 'v1', acts: Acts = 'good'): Promise<Scene> {
    const scene = await Scene.begin();
    scene.cluster.installed(digest, acts);
    return scene;
  }

  /** The same, with an edge that divides the traffic. */
  static async divided(pods = 2, digest = 'v1', acts: Acts = 'good'): Promise<{ scene: Scene; edge: FakeEdge }> {
    const scene = await Scene.installed(digest, acts);
    const edge = await FakeEdge.begin(scene.cluster, pods);
    edges.push(edge);
    [scene.traffic, scene.edge] = [edge.traffic, edge.access()];
    return { scene, edge };
  }

  /** What the engine writes. */
  order(digest: string, acts: Acts, over: { [Field in keyof Order]?: Order[Field] | undefined } = {}): void {
    const epoch = this.cluster.record.epoch + 1;
    const strategy = over.strategy ?? 'blueGreen';
    const order = {
      ...{ mode: 'release', digest, template: templateOf(digest, acts), strategy, steps: STEPS[strategy] },
      ...{ attempt: 1, replicas: 2, rules: rulesAt(this.port), startedAt: Date.now(), ...over },
    } as Order;
    const phase = order.mode === 'undo' ? 'undo' : 'ordered';
    const values = { epoch: String(epoch), token: `${epoch}.0`, phase, order };
    this.cluster.edit(AT.record, ({ data }) => {
      for (const { path, value } of fields(values)) data[path.slice('/data/'.length)] = value;
    });
  }

  /** As a runner leaves it that took the order on at that moment, and was killed. */
  begun(began: number): void {
    const { epoch } = this.cluster.record;
    this.cluster.edit(AT.record, ({ data }) => {
      data.course = JSON.stringify({ epoch, began, stages: [], points: [] });
    });
  }

  look(kube = this.kube): Promise<Look> {
    const log = (line: string): void => void this.log.push(line);
    const { traffic, edge } = this;
    return look({ kube, at: AT, name: 'web', labels: LABELS, traffic, edge, log, pause: 5, lag: 5 });
  }

  /** Looks, and gives the run's verdict with its reasons. */
  async verdict(): Promise<string> {
    const seen = await this.look();
    assert.equal(seen.kind, 'ran', this.log.join('\n'));
    return seen.kind === 'ran' ? [seen.outcome.verdict, ...seen.outcome.reasons].join(': ') : '';
  }
}
