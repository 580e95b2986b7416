/** What a rollover is told: plain data, as it stands in the state and as the runner beside the engine reads it. */
import type { DockerHostRef, Duration } from '../core/index.ts';

export type Colour = 'blue' | 'green';
export const COLOURS: readonly Colour[] = ['blue', 'green'];
export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue');

/** How long things may take. A change of these alone touches nothing. */
export interface Patience {
  /** Until the new container must be well. */
  readonly deadline: Duration;
  /** For which it is watched under the users' requests before the old one goes. */
  readonly watch: Duration;
  /** For which the old one may finish what it has begun. */
  readonly drain: Duration;
}

/** Where the proxy reads which container it leads to. */
export interface ProxyRef {
  /** The name of the proxy's container. It may not exist yet: then there is nothing to reload. */
  readonly container: string;
  /** The volume with the files that the proxy's configuration includes. */
  readonly volume: string;
}

/** The inputs of the resource. */
export interface Order {
  readonly host: DockerHostRef;
  /** The service; its containers are `<name>-blue` and `<name>-green`. */
  readonly name: string;
  /** The port that the proxy calls. */
  readonly port: number;
  readonly proxy: ProxyRef;
  /** The digest of the version, of its settings and its secrets, as it stands in the containers' label. */
  readonly subject: string;
  /** What the Docker API is given, without the secrets. */
  readonly body: ContainerBody;
  /** Networks beside the first. */
  readonly networks: readonly string[];
  readonly files: readonly OrderedFile[];
  /** Seconds for a container to end by itself. */
  readonly grace: number;
  readonly patience: Patience;
  /** Secret variables, and secret files by path. Only here, and nowhere in what is given back. */
  readonly sealed: { readonly env: Readonly<Record<string, string>>; readonly files: Readonly<Record<string, string>> };
}

/** A file that is no secret has its content here; of a secret one only its place. */
export interface OrderedFile {
  readonly path: string;
  readonly permissions: string;
  readonly content?: string;
}

/** The body of `POST /containers/create`, as far as it is used. */
export interface ContainerBody {
  readonly Image: string;
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export const containerName = ({ name }: Pick<Order, 'name'>, colour: Colour): string => `${name}-${colour}`;

/** The variable of the proxy's configuration that holds `host:port` of the live container. */
export const upstreamVariable = (name: string): string => `${name.replaceAll('-', '_')}_upstream`;

export const upstreamFile = (name: string): string => `${name}.conf`;

/** The file that the proxy includes at its `http` level. A variable, so that a name is resolved when it is called, not once. */
export const upstreamText = (order: Pick<Order, 'name' | 'port'>, colour: Colour): string =>
  `# Written by the rollover of ${order.name}; it leads to ${colour}.\n` +
  `map $host $${upstreamVariable(order.name)} { default "${containerName(order, colour)}:${order.port}"; }\n`;

/** Which colour such a file leads to; undefined for anything else. */
export function colourIn(order: Pick<Order, 'name' | 'port'>, text: string): Colour | undefined {
  return (
    COLOURS.find((colour) => upstreamText(order, colour) === text) ??
    COLOURS.find((colour) => text.includes(`default "${containerName(order, colour)}:`))
  );
}
