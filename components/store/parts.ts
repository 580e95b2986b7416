/** What stands around a store: the password nobody has to type, and the files its server reads. */
import type * as pulumi from '@pulumi/pulumi';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  contentName,
  labels,
  type Bytes,
  type CpuRange,
  type Duration,
  type Identity,
  type Image,
  type PlatformComponent,
  type SecretRef,
} from '../core/index.ts';
import type { Volume } from './claims.ts';

/** What every server that keeps data takes. */
export interface ServerArgs extends Volume {
  readonly namespace: string;
  readonly partOf: string;
  /** A new one restarts the server, member after member; the data stay. */
  readonly image: Image;
  readonly cpu: CpuRange;
  /** The memory of each member, requested as it is limited. */
  readonly memory: Bytes;
  /** How long a member may take to become ready. */
  readonly startDeadline: Duration;
  /** The key of the hash that rolls the pods with their secrets. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/** Whose the objects are. */
export interface Belonging {
  readonly namespace: string;
  readonly identity: Identity;
  /** Data that outlive their password are lost: it is protected as they are. */
  readonly protect?: boolean | undefined;
}

type Values = Record<string, pulumi.Input<string>>;

/** A generated password in the Secret `<name>-auth`. */
export interface Credentials {
  readonly password: pulumi.Output<string>;
  /** What stands in the Secret. */
  readonly values: Values;
  readonly secret: Secret;
  ref(key: string): SecretRef;
}

/**
 * @param length letters and digits of the password
 * @param contents what the Secret holds, made of the password
 */
export function credentials(
  owner: PlatformComponent,
  name: string,
  { namespace, identity, protect = false }: Belonging,
  length: number,
  contents: (password: pulumi.Output<string>) => Values,
): Credentials {
  const child = { parent: owner, protect };
  const password = new RandomPassword(`${name}-password`, { length, special: false }, child).result;
  const values = contents(password);
  const object = `${name}-auth`;
  const metadata = { name: object, namespace, labels: labels(identity) };
  const secret = new Secret(object, { metadata, stringData: values }, child);
  return { password, values, secret, ref: (key) => ({ namespace, name: object, key }) };
}

/** A ConfigMap named by its content: what reads it rolls when it changes. */
export function configuration(
  owner: PlatformComponent,
  prefix: string,
  { namespace, identity }: Belonging,
  data: Record<string, string>,
): { readonly name: string; readonly object: ConfigMap } {
  const name = contentName(prefix, data);
  const metadata = { name, namespace, labels: labels(identity) };
  return { name, object: new ConfigMap(name, { metadata, immutable: true, data }, { parent: owner }) };
}
