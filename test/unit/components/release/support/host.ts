/** What runs beside the engine, before a scene: its inputs, its way to the record, and a runner at work meanwhile. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach, ReleaseInputs } from '../../../../../components/release/host.ts';
import { AT, templateOf, type Acts } from './cluster.ts';
import { rulesAt, type Scene } from './scene.ts';

export const inputsOf = (
  scene: Scene,
  digest: string,
  acts: Acts,
  over: Partial<ReleaseInputs> = {},
): ReleaseInputs => ({
  ...{ cluster: {}, namespace: 'shop', name: 'web', template: templateOf(digest, acts), strategy: 'blueGreen' },
  ...{ steps: [{ weight: 100, window: 0 }], replicas: 2, attempt: 1, rules: rulesAt(scene.port), ...over },
});

/** A way to the record, and what was told on it. */
export const wayOf = (scene: Scene, told: string[] = []): Reach => ({
  ...{ kube: scene.kube, at: AT, log: (line: string) => void told.push(line) },
  ...{ pause: 5, still: 5000, others: 100 },
});

/** The runner's process, until the work is done. */
export async function withRunner<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
  let over = false;
  const runner = (async () => {
    while (!over) {
      await scene.look().catch((thrown: unknown) => scene.log.push(String(thrown)));
      await sleep(5);
    }
  })();
  try {
    return await work();
  } finally {
    over = true;
    await runner;
  }
}

/** A kubeconfig that leads to the scene's cluster, in a file of that folder. */
export async function kubeconfigOf(scene: Scene, folder: string): Promise<string> {
  const file = join(folder, `kubeconfig-${scene.port}`);
  const cluster = { server: await scene.cluster.server(), 'insecure-skip-tls-verify': true };
  const content = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
    clusters: [{ name: 'here', cluster }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
    users: [{ name: 'here', user: {} }],
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}
