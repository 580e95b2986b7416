/** The users beside the clients' own, and where their passwords stand. */
import * as pulumi from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import type { PlatformComponent } from '../core/index.ts';
import { replicationConf, usersAcl, type Helper } from './configuration.ts';

/** The keys of the helpers' passwords in the Secret. */
const KEYS: Readonly<Record<Helper, string>> = {
  replica: 'replication-password',
  sentinel: 'sentinel-user-password',
  probe: 'probe-password',
};
/** What opens the Sentinels themselves. */
const SENTINELS = 'sentinel-password';

/** Generated passwords by their keys in the Secret. */
export type Words = ReadonlyMap<string, pulumi.Output<string>>;

/** Generates what the helpers need. */
export function words(owner: PlatformComponent, name: string, helpers: readonly Helper[], protect: boolean): Words {
  const keys = [...helpers.map((helper) => KEYS[helper]), ...(helpers.includes('sentinel') ? [SENTINELS] : [])];
  return new Map(
    keys.map((key) => [
      key,
      new RandomPassword(`${name}-${key}`, { length: 32, special: false }, { parent: owner, protect }).result,
    ]),
  );
}

/** What stands in the Secret. */
export function secrets(password: pulumi.Output<string>, all: Words): Record<string, pulumi.Output<string>> {
  const helpers = Object.entries(KEYS).flatMap(([helper, key]) => {
    const word = all.get(key);
    return word === undefined ? [] : [[helper, word] as const];
  });
  const replication = all.get(KEYS.replica);
  return {
    password,
    'users.acl': pulumi.all([password, Object.fromEntries(helpers)]).apply(([own, known]) => usersAcl(own, known)),
    ...(replication && { 'replication.conf': replication.apply(replicationConf) }),
    ...Object.fromEntries(all),
  };
}
