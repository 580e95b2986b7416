/** What divides the traffic of a workload, beside its own Service: declared here for the first time, moved by the runner. */
import * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import type { types } from '@pulumi/kubernetes';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import { labels, selector, type Identity, type PlatformComponent } from '../core/index.ts';
import { ACCESS_KEY, EDGE_PORTS, type Sides } from '../edge/index.ts';
import { pickedOn, SIDE, sideName, SIDES, splitName } from './runner/record.ts';
import type { Traffic } from './runner/traffic.ts';
import type { Driver } from './steps.ts';

/** A Service without what it picks: that is whoever is live. */
export type FollowerSpec = Omit<types.input.core.v1.ServiceSpec, 'selector'>;

/** The route that divides, of the Gateway API. It holds this split and nothing else. */
export interface GatewayRoute {
  /** The Gateways that it belongs to, in another namespace where one is stated. */
  readonly parents: readonly { readonly name: string; readonly namespace?: string; readonly sectionName?: string }[];
  readonly hosts: readonly string[];
}

export interface DividingArgs {
  readonly driver: Driver;
  readonly followers: Readonly<Record<string, FollowerSpec>>;
  readonly port: { readonly name: string; readonly port: number; readonly targetPort: string };
  /** The resource name of the edge, with `nginx`. */
  readonly edge: string;
  /** With `gateway`. */
  readonly gateway?: GatewayRoute | undefined;
  /** Whether there is no second side. Never divided, then. */
  readonly alone: boolean;
}

/** Whose the objects of a workload are, and what picks its pods. */
export interface Within {
  readonly owner: PlatformComponent;
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  readonly picked: Readonly<Record<string, string>>;
}

/** Where a runner finds its password in the Secret. */
export const PASSWORD = 'password';

/** Whether an object answers is the runner's question; the provider's own wait would only add its pauses. */
export const UNWAITED = { 'pulumi.com/skipAwait': 'true' };

/** What an edge is told of a workload whose traffic it divides: the `sides` of an upstream. */
export const edgeSides = (name: string): Sides => ({
  blue: sideName(name, 'blue'),
  green: sideName(name, 'green'),
  split: splitName(name),
});

/**
 * Made before the runner, which has to hold them. All of it begins on blue; one that comes later to a workload that lives on
 * green is put right by the preparation.
 */
export function dividing(within: Within, args: DividingArgs): { traffic: Traffic; made: pulumi.Resource[] } {
  const { owner, name, namespace, identity, picked } = within;
  const { driver, port, alone } = args;
  const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
  const unwaited = (object: string) => ({ ...metadata(object), annotations: UNWAITED });
  const [child, moved] = [{ parent: owner }, (field: string) => ({ parent: owner, ignoreChanges: [field] })];
  const names = Object.keys(args.followers).toSorted();
  const followers = names.map((follower) => {
    const spec = { ...args.followers[follower], selector: pickedOn(picked, 'blue', alone) };
    return new Service(follower, { metadata: unwaited(follower), spec }, alone ? child : moved('spec.selector'));
  });
  const followed = { ...(names.length > 0 && { followers: names }), ...(alone && { alone }) };
  if (driver === 'service') return { traffic: { driver, ...followed }, made: followers };

  // One for each side, which never change: whoever divides names both.
  const sides = SIDES.map((side) => {
    const spec = { selector: { ...picked, [SIDE]: side }, ports: [port] };
    return new Service(`${name}-${side}-service`, { metadata: unwaited(sideName(name, side)), spec }, child);
  });
  if (driver === 'gateway') {
    const route = splitName(name);
    const { parents, hosts } = args.gateway!;
    const backendRefs = SIDES.map((side) => ({
      name: sideName(name, side),
      port: port.port,
      weight: side === 'blue' ? 100 : 0,
    }));
    const made = new CustomResource(
      `${name}-route`,
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: unwaited(route),
        spec: { parentRefs: parents, hostnames: hosts.toSorted(), rules: [{ backendRefs }] },
      },
      moved('spec.rules'),
    );
    return { traffic: { driver, route, ...followed }, made: [...followers, ...sides, made] };
  }

  const called = splitName(name);
  const split = new ConfigMap(`${name}-split`, { metadata: metadata(called), data: {} }, moved('data'));
  const password = new RandomPassword(`${name}-split-password`, { length: 32, special: false }, child).result;
  const access = new Secret(
    `${name}-split-access`,
    {
      metadata: metadata(called),
      stringData: { [PASSWORD]: password, [ACCESS_KEY]: pulumi.interpolate`runner:{PLAIN}${password}` },
    },
    child,
  );
  const edge = { labels: selector({ component: 'edge', instance: args.edge }), port: EDGE_PORTS.split };
  return { traffic: { driver, edge, ...followed }, made: [...followers, ...sides, split, access] };
}
