/** What a container is given beside its facts: what belongs to the host it runs on. */
import type * as pulumi from '@pulumi/pulumi';
import type { Bytes, DockerHostInput, Duration, ServiceFacts } from '../core/index.ts';

/** A network of the host, and the names by which the container is found in it beside its own. */
export interface Attachment {
  readonly network: pulumi.Input<string>;
  readonly aliases?: readonly string[];
}

/** A volume of the host, mounted. */
export interface Mounted {
  readonly volume: pulumi.Input<string>;
  /** @default false */
  readonly readOnly?: boolean;
}

/** A folder of the host itself, which the container may read and nothing else. It must be there. */
export interface Bind {
  readonly folder: string;
  /** Where it is in the container. */
  readonly at: string;
  /** Whether what the host mounts below it later is seen too. @default false */
  readonly later?: boolean;
}

/** A file laid into the container before it starts. Another content is another container. */
export interface ContainerFile {
  readonly content: pulumi.Input<string>;
  /** Whether the content is one: it then is encrypted in the state and in no preview. @default false */
  readonly secret?: boolean;
  /** Octal. The file belongs to root, so a secret one must be readable for the user by its group or all. @default '0444' */
  readonly permissions?: string;
}

/** A port on the host that leads into the container. */
export interface Published {
  /** One of the facts' ports, by name. */
  readonly port: string;
  /** The host's port. */
  readonly host: number;
  /** The host's address: `127.0.0.1`, or `0.0.0.0` for all, which Docker opens past the host's own firewall. */
  readonly bind: string;
}

export type RestartPolicy = 'no' | 'on-failure' | 'always' | 'unless-stopped';

/**
 * A service in the words of a container: what a component's `docker.ts` says of it. Networks, published ports and the volume
 * behind `data` are the stack's.
 */
export interface Contained extends Pick<
  ContainerArgs,
  'facts' | 'secrets' | 'files' | 'binds' | 'seesProcesses' | 'volumes'
> {
  /** The folder in which it keeps data. Left out: it keeps none. */
  readonly data?: string;
}

export interface ContainerArgs {
  readonly host: DockerHostInput;
  readonly facts: ServiceFacts;
  /** The platform that it is part of: a label. */
  readonly partOf: string;
  /** The version that runs, for people: a label. */
  readonly version?: string;
  /** The container's name on the host. @default the facts' name */
  readonly containerName?: string;
  /** At least one: the host's default network has no names in it. */
  readonly networks: readonly Attachment[];
  /** By absolute path in the container. */
  readonly volumes?: Readonly<Record<string, Mounted>>;
  readonly binds?: readonly Bind[];
  /** Whether it sees all processes of the host: for what counts them. @default false */
  readonly seesProcesses?: boolean;
  /** Variables known only on this host, by name; over the facts' settings. */
  readonly settings?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Secret variables by name: encrypted in the state, in no preview; whoever rules the host can read them. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The key of the secrets' fingerprint, needed where there are secrets: see `keyedDigest`. */
  readonly fingerprintKey?: pulumi.Input<string>;
  /** By absolute path in the container. */
  readonly files?: Readonly<Record<string, ContainerFile>>;
  /** Each port at most once: in which order two bindings of one come back, nobody says, and a plan would never be quiet. */
  readonly publish?: readonly Published[];
  /** @default 'unless-stopped' (ours): back after a restart of the host */
  readonly restart?: RestartPolicy;
  /** Nobody writes to the root file system. Not possible together with `files`. @default true where there are no files */
  readonly readOnlyRoot?: boolean;
  /** `uid:gid` or a name in the image; `image` leaves it to the image. @default the number in the facts */
  readonly user?: string;
  /** Linux capabilities kept: `NET_BIND_SERVICE`. All others are dropped. @default none */
  readonly capabilities?: readonly string[];
  /** Kernel settings of its own network namespace and the like. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The container's output as the daemon keeps it. @default 10Mi in each of 3 files (ours, GAP-7) */
  readonly logs?: { readonly maxSize: Bytes; readonly maxFiles: number };
  /** How long it may take to be well. @default '2m' (ours) */
  readonly deadline?: Duration;
}
