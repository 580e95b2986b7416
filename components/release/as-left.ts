/** Whether the cluster is as the last release left it: who gets the traffic, what the live side runs, how many pods it has. */
import type { Reach, ReleaseInputs } from './host.ts';
import { fromData, greens, isSame } from './runner/buckets.ts';
import { ApiError } from './runner/kube.ts';
import { onSide, SIDE, type Good, type Operation, type Side } from './runner/record.ts';
import { otherwise, type Route } from './runner/traffic-gateway.ts';
import { SERVICE, servicesOf, type Traffic } from './runner/traffic.ts';

interface SideObject {
  readonly spec: { readonly replicas: number; readonly template: unknown };
}

/** Whether what divides beside the Services gives all of it to one side. */
async function isUndivided(
  { kube, at, name }: Reach & { name: string },
  side: Side,
  traffic: Traffic,
): Promise<boolean> {
  switch (traffic.driver) {
    case 'service':
      return true;
    case 'nginx': {
      const split = await orNothing(kube.get<{ data?: Record<string, string> }>(at.split));
      return split !== undefined && isSame(fromData(split.data), greens(side, 100));
    }
    case 'gateway': {
      const route = await orNothing(kube.get<Route>(`${at.routes}/${traffic.route}`));
      return route !== undefined && otherwise(route, name, side, 100) === undefined;
    }
    default:
      return traffic satisfies never;
  }
}

interface ServiceObject {
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

/** What divides the traffic may be declared for the first time just now. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}

/**
 * Whether traffic and the live side are as the last release left them. A dry run fills in what the server adds, so that the
 * templates compare.
 */
export async function asLeft(
  way: Reach,
  { side, template }: Good,
  { name, traffic = SERVICE }: Pick<ReleaseInputs, 'name' | 'traffic'>,
): Promise<boolean> {
  const { kube, at } = way;
  const whole: Operation = { op: 'replace', path: '/spec/template', value: onSide(template, side) };
  const [services, live, wanted, undivided] = await Promise.all([
    Promise.all(
      servicesOf(at, traffic).map((path) => {
        const asked = kube.get<ServiceObject>(path);
        return path === at.service ? asked : orNothing(asked);
      }),
    ),
    kube.get<SideObject>(at[side]),
    kube.patch<SideObject>(at[side], [whole], true),
    isUndivided({ ...way, name }, side, traffic),
  ]);
  return (
    undivided &&
    services.every((service) => leadsTo(service, template, side, traffic.alone)) &&
    JSON.stringify(live.spec.template) === JSON.stringify(wanted.spec.template)
  );
}

/** Whether a Service picks the pods of the side: by the side's label, or, where there is one side only, by none. */
const leadsTo = (
  service: ServiceObject | undefined,
  { metadata }: Good['template'],
  side: Side,
  alone: boolean | undefined,
): boolean => {
  const { selector = {} } = service?.spec ?? {};
  if (!alone) return selector[SIDE] === side;
  const keys = Object.keys(selector);
  return keys.length > 0 && keys.every((key) => selector[key] === metadata.labels[key]);
};

/** Whether the live side has the number of pods that is asked for, where one is. */
export async function asMany({ kube, at }: Reach, { side }: Good, { replicas }: ReleaseInputs): Promise<boolean> {
  return replicas === undefined || (await kube.get<SideObject>(at[side])).spec.replicas === replicas;
}
