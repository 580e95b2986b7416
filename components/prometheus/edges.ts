/** Which connections a Prometheus needs: stated here, made by the guard of the namespace. */
import { selector } from '../core/index.ts';
import type { Edge, Place } from '../guard/index.ts';

/** What picks its pods, by its name. */
export const prometheusPods = (name: string): Record<string, string> =>
  selector({ component: 'prometheus', instance: name });

/**
 * The edges of one Prometheus: to the cluster's DNS, where it finds pods, and to those it asks. Whoever asks it has an edge
 * of their own.
 *
 * @param name its name, which its place gets too
 * @param to.scraped how the guard calls the pods that it asks, with the port of each
 * @param to.dns how the guard calls the cluster's DNS
 */
export const prometheusEdges = (
  name: string,
  to: { readonly scraped: readonly { readonly place: string; readonly port: number }[]; readonly dns: string },
): { readonly places: Readonly<Record<string, Place>>; readonly edges: readonly Edge[] } => ({
  places: { [name]: { pods: prometheusPods(name) } },
  edges: [
    ...to.scraped.map(({ place, port }) => ({ from: name, to: place, port })),
    { from: name, to: to.dns, port: 53, protocols: ['TCP', 'UDP'] },
  ],
});
