/** The Docker host, and what every service on it is given: its networks, its volume, its secrets and its gate. */
import type * as pulumi from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  Container,
  ContainerTask,
  network,
  volume,
  type Contained,
  type ContainerArgs,
  type ContainerTaskArgs,
} from '../../components/container/index.ts';
import type { Bytes, Cpu, Duration, Image } from '../../components/core/index.ts';
import { ExecGate, type ExecGateArgs, type Gate } from '../../components/gates/index.ts';
import { Rollover, type RolloverArgs } from '../../components/rollover/index.ts';
import { DockerHost } from '../../infra/docker/index.ts';
import type { Configuration } from '../config/load.ts';
import { LISTED } from '../config/groups/docker.ts';
import { hostAt } from '../docker.ts';
import { apiImage, imagesOf } from '../images.ts';

const PART_OF = 'corporate-intel';

/**
 * The networks (E-SEC-2): `data` for what keeps data and who uses it, `watch` for who asks for figures. Neither leads outside.
 * `front` does: nginx lets clients in through it, and the API asks its outside sources.
 */
const NETWORKS = { data: { internal: true }, watch: { internal: true }, front: { internal: false } } as const;
export type NetworkName = keyof typeof NETWORKS;

type After = readonly pulumi.Resource[];

/** Where a service is, and when it may begin. */
export interface Placed extends Pick<ContainerArgs, 'publish' | 'version'> {
  readonly networks: readonly NetworkName[];
  /** Names it is found by beside its own, in all of them. */
  readonly aliases?: readonly string[];
  /** How long it may take to call itself healthy. */
  readonly deadline?: Duration;
  readonly after: After;
}

/** A service that runs, and what is open once it does. */
export interface Running {
  readonly container: Container;
  readonly ready: readonly Gate[];
}

/** A service that is updated without being away, and what may begin once it stands. */
export interface Led {
  readonly rollover: Rollover;
  readonly ready: readonly pulumi.Resource[];
}

/** Something that was run. */
export interface Ran extends Pick<ContainerTaskArgs, 'deadline' | 'occasion' | 'requirement' | 'says' | 'version'> {
  readonly networks: readonly NetworkName[];
  readonly after: After;
}

export interface LedBy extends Pick<RolloverArgs, 'version' | 'proxy' | 'patience' | 'port'> {
  readonly networks: readonly NetworkName[];
  readonly after: After;
}

export interface Host extends Configuration<'standalone'> {
  /** The image of a service: what the stack says, or else what the list does. */
  readonly image: (service: keyof typeof LISTED) => Image;
  /** The product's own. */
  readonly product: Image;
  /** Told to the API (A-ENV-31) and to Grafana itself. */
  readonly grafanaPassword: pulumi.Output<string>;
  /** A generated secret of letters and digits. */
  readonly generated: (name: string, length: number) => pulumi.Output<string>;
  readonly run: (name: string, service: Contained, placed: Placed) => Running;
  /** A service beside itself while versions change, found through a proxy that reads the volume. */
  readonly lead: (name: string, service: Contained, led: LedBy) => Led;
  readonly task: (name: string, service: Contained, ran: Ran) => Gate;
  /** A volume, by the name of what it is for. */
  readonly volume: (name: string) => pulumi.Output<string>;
  /** A question to a container, asked by a command inside it. */
  readonly ask: (name: string, running: Running, ask: Ask, after: After) => Gate;
  /** Every gate made so far, and every container's id, by their names. */
  readonly gates: Record<string, Gate>;
  readonly containers: Record<string, pulumi.Output<string>>;
}

/** Docker reserves nothing: a size is what may be taken at the most. */
export const sized = ({ cpu, memory }: { readonly cpu: Cpu; readonly memory: Bytes }) => ({
  ...{ cpu: { request: cpu, limit: cpu }, memory },
});

/** A question without what is known already. */
export type Ask = Omit<ExecGateArgs, 'host' | 'container' | 'subject'>;

export function openHost(configuration: Configuration<'standalone'>): Host {
  const { settings } = configuration;
  const { address, ssh, prefix, pinnedImages } = settings.docker;
  const docker = new DockerHost('host', hostAt(address, ssh));
  const inside = { provider: docker.provider };
  const { protect } = settings.stack;
  const gates: Host['gates'] = {};
  const containers: Host['containers'] = {};

  const networks = Object.fromEntries(
    Object.entries(NETWORKS).map(([name, { internal }]) => [
      name,
      network(docker, `host-${name}`, { name: `${prefix}-${name}`, partOf: PART_OF, internal }, inside).name,
    ]),
  ) as Record<NetworkName, pulumi.Output<string>>;
  const volumeOf: Host['volume'] = (name) =>
    volume(docker, `host-${name}-volume`, { name: `${prefix}-${name}`, partOf: PART_OF, protect }, inside).name;
  const generated: Host['generated'] = (name, length) => new RandomPassword(name, { length, special: false }).result;
  const fingerprintKey = generated('fingerprint-key', 32);

  const given = (
    { data: _kept, ...service }: Contained,
    attached: readonly NetworkName[],
    aliases: readonly string[] = [],
  ) => ({
    ...service,
    ...{ host: docker.ref, partOf: PART_OF, fingerprintKey },
    networks: attached.map((name) => ({ network: networks[name], aliases })),
  });
  const images = imagesOf(pinnedImages);

  return {
    ...configuration,
    gates,
    containers,
    generated,
    grafanaPassword: generated('grafana-password', 32),
    volume: volumeOf,
    image: (service) => {
      const listed = images[LISTED[service]];
      const stated = settings.images[service];
      return stated === undefined ? listed : { ...listed, reference: stated };
    },
    product: apiImage(settings.api.image, settings.stack.version, pinnedImages),
    run: (name, service, { networks: attached, aliases, after, ...placed }) => {
      const volumes = { ...service.volumes, ...(service.data && { [service.data]: { volume: volumeOf(name) } }) };
      const args = { ...given(service, attached, aliases), ...placed, volumes };
      const container = new Container(name, args, { ...inside, dependsOn: [...after] });
      containers[name] = container.containerId;
      // Each of the thirteen has a health check.
      const gate = container.gate!;
      gates[`${name}-healthy`] = gate;
      return { container, ready: [gate] };
    },
    lead: (name, service, { networks: attached, after, ...led }) => {
      const args = { ...given(service, []), ...led, networks: attached.map((one) => networks[one]) };
      const rollover = new Rollover(name, args, { ...inside, dependsOn: [...after] });
      containers[name] = rollover.colour;
      return { rollover, ready: [rollover] };
    },
    task: (name, service, { networks: attached, after, ...ran }) => {
      const volumes = service.data && { [service.data]: { volume: volumeOf(name) } };
      const args = { ...given(service, attached), ...ran, ...(volumes && { volumes }) };
      const { gate } = new ContainerTask(name, args, { ...inside, dependsOn: [...after] });
      gates[`${name}-done`] = gate;
      return gate;
    },
    ask: (name, { container }, ask, after) => {
      const { perTry, deadline } = settings.gates;
      const gate = new ExecGate(
        name,
        {
          ...{ host: docker.ref, container: container.containerName, subject: container.subject },
          ...{ ...ask, patience: { perTry, deadline, ...ask.patience } },
        },
        { dependsOn: [...after] },
      );
      gates[name] = gate;
      return gate;
    },
  };
}
