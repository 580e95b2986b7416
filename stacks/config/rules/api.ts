/** The API: how many pods there are, how it is reached, and what only a test may switch on. */
import { shareOf, SURGE } from '../../../components/api/index.ts';
import { bytes, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

/** What an autoscaler, a drain and a node are told about one Deployment has to fit together. */
export function checkPods(
  name: string,
  {
    replicas,
    scaling,
    maxUnavailable,
    memory,
  }: Pick<Settings['api'], 'replicas' | 'maxUnavailable' | 'memory'> & {
    readonly scaling?: { readonly max: number } | undefined;
  },
  problems: Problems,
): void {
  problems.require(scaling === undefined || scaling.max > replicas, {
    where: `${name}.scaling.max`,
    found: `${scaling?.max}`,
    wanted: `more than ${name}.replicas, the fewest, which is ${replicas}`,
  });
  const missing = maxUnavailable === undefined ? 0 : shareOf(maxUnavailable, replicas);
  problems.require(maxUnavailable === undefined || missing < replicas, {
    where: `${name}.maxUnavailable`,
    found: `${maxUnavailable}`,
    wanted: `fewer than all of ${name}.replicas ${replicas}: one pod at least goes on while a node is drained`,
  });
  problems.require(bytes(memory.request) <= bytes(memory.limit), {
    where: `${name}.memory.request`,
    found: `"${memory.request}"`,
    wanted: `at most ${name}.memory.limit, which is "${memory.limit}"`,
  });
}

export function checkApiPods({ api }: Settings, problems: Problems): void {
  checkPods('api', api, problems);
  problems.require(api.pool.size >= api.processes, {
    where: 'api.pool.size',
    found: `${api.pool.size}`,
    wanted: `at least api.processes ${api.processes}: a connection for each`,
  });
}

/** The connections that API and workers may open together, at the height of a rollout, and the sum in words. */
export function databaseClients({ api, workers }: Settings): { needed: number; sum: string } {
  const most = (name: string, replicas: number, max: number | undefined) => {
    const pods = max ?? replicas;
    const more = max === undefined ? 1 : shareOf(SURGE, max);
    return {
      pods: pods + more,
      text: `(${name}.${max === undefined ? 'replicas' : 'scaling.max'} ${pods} + ${more} while rolling)`,
    };
  };
  const serving = most('api', api.replicas, api.scaling?.max);
  const working = workers && most('workers', workers.replicas, workers.scaling?.max);
  const { size, overflow } = api.pool;
  return {
    needed: serving.pods * (size + overflow) + (working ? working.pods * workers.concurrency : 0),
    sum:
      `${serving.text} × (api.pool.size ${size} + api.pool.overflow ${overflow})` +
      (working ? ` + ${working.text} × workers.concurrency ${workers.concurrency}` : ''),
  };
}

export function checkExposure({ api }: Settings, problems: Problems): void {
  const { kind, port } = api.exposure;
  problems.require(kind !== 'nodePort' || (port >= 30000 && port <= 32767), {
    where: 'api.exposure.port',
    found: `${port}`,
    wanted: 'a port from 30000 to 32767 while api.exposure.kind is "nodePort"',
  });
}

export function checkFaults({ api, stack }: Settings, problems: Problems): void {
  const faults = Object.keys(api.extraEnvironment);
  problems.require(stack.environment !== 'production' || faults.length === 0, {
    where: 'api.extraEnvironment',
    found: faults.join(', '),
    wanted: 'nothing while stack.environment is "production"',
  });
}
