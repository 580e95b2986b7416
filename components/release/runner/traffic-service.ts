/** All or nothing: Services pick the pods of one side. Connections that are open stay where they are. */
import { SIDE, type Side } from './record.ts';
import { servicesOf, type Ground, type TrafficDriver } from './traffic.ts';
import { livePods } from './watch.ts';

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

interface Slices {
  readonly items: readonly {
    readonly endpoints?: readonly {
      readonly conditions?: { readonly ready?: boolean };
      readonly targetRef?: { readonly name: string };
    }[];
  }[];
}

/** Has the workload's Service and all that follow it pick the pods of a side. */
export async function pick({ fence, at, labels, traffic }: Ground, side: Side): Promise<void> {
  const lead = async (path: string): Promise<void> => {
    const { spec } = await fence.get<Service>(path);
    if (spec.selector?.[SIDE] === side && sameKeys(spec.selector, labels)) return;
    // The selector is one field to the API server: replaced as a whole, or not at all.
    await fence.change(path, [{ op: 'replace', path: '/spec/selector', value: { ...labels, [SIDE]: side } }]);
  };
  await Promise.all(servicesOf(at, traffic).map(lead));
}

/** Whether these Services lead to pods of the side, and to no others. */
export async function picked({ fence, at, name, labels, traffic }: Ground, side: Side): Promise<boolean> {
  const names = [name, ...(traffic.followers ?? [])];
  const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name in (${names.join(',')})` });
  const { items } = await fence.get<Slices>(`${at.slices}?${query.toString()}`);
  const endpoints = items.flatMap(({ endpoints: some }) => some ?? []);
  const own = new Set((await livePods(fence, at, { ...labels, [SIDE]: side })).map(({ metadata }) => metadata.name));
  return (
    endpoints.some(({ conditions }) => conditions?.ready === true) &&
    endpoints.every(({ targetRef }) => own.has(targetRef?.name ?? ''))
  );
}

/** Whether nothing but the side stands beside the labels. */
const sameKeys = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.keys(selector).length === Object.keys(labels).length + 1 &&
  Object.entries(labels).every(([key, value]) => selector[key] === value);

/** @param lag milliseconds until every node's proxy has followed the endpoints */
export function serviceSelector(ground: Ground, lag = 1000): TrafficDriver {
  const whole = (weight: number): boolean => weight === 100;
  return {
    lag,
    can: whole,
    share: async (side, weight) => {
      if (!whole(weight)) throw new Error(`a Service cannot give ${weight} % of the traffic to one side`);
      await pick(ground, side);
    },
    arrived: (side) => picked(ground, side),
  };
}
