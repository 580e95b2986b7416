/** How a store is found: under its own name by clients, member by member by its own. */
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import type { Resource } from '@pulumi/pulumi';
import { labels } from '../core/index.ts';
import type { Child, Place } from './place.ts';

export interface Ports {
  /** Port names and numbers, the same on pod and Service. */
  readonly ports: Readonly<Record<string, number>>;
  /** Ports that members use among themselves: on the pods and the headless Service only. */
  readonly memberPorts?: Readonly<Record<string, number>>;
  readonly clientSelector?: Readonly<Record<string, string>>;
  readonly front?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The headless Service of a store. */
export const membersName = (name: string): string => `${name}-members`;

/** Whether it answers is the gates' question; the provider's own wait would only add its pauses. */
const UNAWAITED = { 'pulumi.com/skipAwait': 'true' };

export function services({ name, namespace, identity, selector }: Place, given: Ports, child: Child): Resource[] {
  const { ports, memberPorts = {}, clientSelector = {}, front, annotations = {} } = given;
  const metadata = (object: string, more: Readonly<Record<string, string>> = {}) => ({
    name: object,
    namespace,
    labels: labels(identity),
    annotations: { ...more, ...UNAWAITED },
  });
  const clients = new Service(
    `${name}-service`,
    {
      metadata: metadata(name, annotations),
      spec: { selector: front ?? { ...selector, ...clientSelector }, ports: open(ports) },
    },
    child,
  );
  const members = new Service(
    `${name}-members`,
    {
      metadata: metadata(membersName(name)),
      spec: {
        clusterIP: 'None',
        // Members look for each other before any of them is ready.
        publishNotReadyAddresses: true,
        selector,
        ports: open({ ...ports, ...memberPorts }),
      },
    },
    child,
  );
  return [clients, members];
}

const open = (ports: Readonly<Record<string, number>>) =>
  Object.entries(ports).map(([port, number]) => ({ name: port, port: number, targetPort: port }));
