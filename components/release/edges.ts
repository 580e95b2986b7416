/** Which connections a runner needs: stated here, made by the guard of the namespace. */
import { selector } from '../core/index.ts';
import { EDGE_PORTS } from '../edge/index.ts';
import type { Edge, Place } from '../guard/index.ts';

/** What picks a runner's pod, by the name of its workload. */
export const runnerPods = (name: string): Record<string, string> => selector({ component: 'release', instance: name });

export interface RunnerEdges {
  readonly places: Readonly<Record<string, Place>>;
  readonly edges: readonly Edge[];
}

/**
 * The edges of the runner of one workload: to the API server, and to the pods that it asks (through their Service too, which
 * leads to the same port), and to a Prometheus, which it finds by its name. Nobody connects to it but the node's own health
 * checks.
 *
 * @param name the workload
 * @param to.place how the guard calls the workload's pods
 * @param to.port the port that they listen on
 * @param to.edge how the guard calls the edge, where that divides the traffic
 * @param to.prometheus how the guard calls what the analysis asks, where it asks one, and the cluster's DNS
 * @param to.apiServer how the guard calls the API server, and its port
 */
export function runnerEdges(
  name: string,
  to: {
    readonly place: string;
    readonly port: number;
    readonly edge?: string;
    readonly prometheus?: { readonly place: string; readonly port: number; readonly dns: string };
    readonly apiServer: { readonly place: string; readonly port: number };
  },
): RunnerEdges {
  const runner = `${name}-runner`;
  return {
    places: { [runner]: { pods: runnerPods(name) } },
    edges: [
      { from: runner, to: to.place, port: to.port },
      ...(to.edge === undefined ? [] : [{ from: runner, to: to.edge, port: EDGE_PORTS.split }]),
      ...(to.prometheus === undefined
        ? []
        : [
            { from: runner, to: to.prometheus.place, port: to.prometheus.port },
            { from: runner, to: to.prometheus.dns, port: 53, protocols: ['TCP', 'UDP'] as const },
          ]),
      { from: runner, to: to.apiServer.place, port: to.apiServer.port },
    ],
  };
}
