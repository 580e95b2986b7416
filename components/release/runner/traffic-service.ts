/** All or nothing: Services pick the pods of one side. Connections that are open stay where they are. */
import type { Ground } from './ground.ts';
import { livePods } from './pods.ts';
import { pickedOn, SIDE, type Side } from './record.ts';
import { servicesOf, type TrafficDriver } from './traffic.ts';

interface Service {
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

/** Milliseconds until every node's proxy has followed the endpoints. */
export const LAG = 1000;

/** Has the workload's Service and all that follow it pick the pods of a side. */
export async function pick({ fence, at, labels, traffic }: Ground, side: Side): Promise<void> {
  const wanted = pickedOn(labels, side, traffic.alone);
  const lead = async (path: string): Promise<void> => {
    const { spec } = await fence.get<Service>(path);
    if (isSame(spec.selector ?? {}, wanted)) return;
    // The selector is one field to the API server: replaced as a whole, or not at all.
    await fence.change(path, [{ op: 'replace', path: '/spec/selector', value: wanted }]);
  };
  await Promise.all(servicesOf(at, traffic).map(lead));
}

/** Why these Services do not lead to pods of the side and to no others; nothing where they do. */
export async function unpicked({ fence, at, name, labels, traffic }: Ground, side: Side): Promise<string | undefined> {
  const names = [name, ...(traffic.followers ?? [])].join(', ');
  const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name in (${names})` });
  const { items } = await fence.get<Slices>(`${at.slices}?${query.toString()}`);
  const endpoints = items.flatMap(({ endpoints: some }) => some ?? []);
  const own = new Set((await livePods(fence, at, { ...labels, [SIDE]: side })).map(({ metadata }) => metadata.name));
  if (!endpoints.some(({ conditions }) => conditions?.ready === true)) return `nobody is ready behind ${names}`;
  const other = endpoints.find(({ targetRef }) => !own.has(targetRef?.name ?? ''))?.targetRef?.name;
  return other === undefined ? undefined : `${names} still lead to ${other}`;
}

/** Whether a selector is these labels and no others. */
export const isSame = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.keys(selector).length === Object.keys(labels).length &&
  Object.entries(labels).every(([key, value]) => selector[key] === value);

export function serviceSelector(ground: Ground, lag = LAG): TrafficDriver {
  const whole = (weight: number): boolean => weight === 100;
  return {
    lag: () => lag,
    can: whole,
    trouble: () => Promise.resolve(undefined),
    share: async (side, weight) => {
      if (!whole(weight)) throw new Error(`a Service cannot give ${weight} % of the traffic to one side`);
      await pick(ground, side);
    },
    missing: (side) => unpicked(ground, side),
    tend: () => Promise.resolve(),
  };
}
