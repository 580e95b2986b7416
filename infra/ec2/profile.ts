/** Who a host is to AWS: a role that reads the host's secret, and nothing else (C-SEC-2, CONF-30). */
import { InstanceProfile } from '@pulumi/aws/iam/instanceProfile.js';
import type * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from '../../components/core/index.ts';
import type { Place } from '../account/index.ts';
import { readSecrets, ServiceRole } from '../identity/index.ts';

export interface HostProfileArgs {
  readonly place: Place;
  /** The name of role and profile at AWS; one list for the whole account. */
  readonly profileName: string;
  /** The name of the one secret that it reads. */
  readonly secretName: string;
  /** The key that encrypts the secret. */
  readonly keyArn: pulumi.Output<string>;
}

/** The role of one host, as EC2 hands it to the instance. Cost: none. A change of it holds within seconds. */
export class HostProfile extends PlatformComponent {
  /** For the instance. */
  readonly profileName: pulumi.Output<string>;

  constructor(name: string, args: HostProfileArgs, options: pulumi.ComponentResourceOptions) {
    const { place, profileName, secretName, keyArn } = args;
    super('platform:host:HostProfile', name, { profileName, secretName }, options);
    const role = new ServiceRole(
      `${name}-host`,
      {
        ...{ place, roleName: profileName, service: 'ec2.amazonaws.com' },
        description: `The host ${profileName}: reads its variables at each boot`,
        policy: keyArn.apply((key) => readSecrets(place, { secrets: [secretName], keyArn: key })),
      },
      { parent: this },
    );
    this.profileName = new InstanceProfile(
      `${name}-profile`,
      { name: profileName, role: role.roleName },
      { parent: this },
    ).name;
    this.registerOutputs({ profileName: this.profileName });
  }
}
