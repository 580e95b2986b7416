/** The server on EC2, and what it stands on: its role, its key, its secret (C-HOST-1..4). */
import type * as pulumi from '@pulumi/pulumi';
import { Account } from '../../infra/account/index.ts';
import { Host, HostProfile, HostSecret } from '../../infra/ec2/index.ts';
import { userData, type Doors } from '../../infra/host/index.ts';
import { Key } from '../../infra/keys/index.ts';
import type { SettingsOf } from '../config/systems/index.ts';

export interface Server {
  readonly publicIp: pulumi.Output<string>;
  /** What has to stand before the host takes containers. */
  readonly ready: readonly pulumi.Resource[];
}

/** How an instance sees the disk whose id is known: by the serial number of the volume. */
const deviceOf = (volumeId: string): string =>
  `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`;

const HTTPS = 443;

/** C-NET-1 lets 443 in from the first day: TLS that is turned on later leaves the user data, and so the server, alone. */
const webOf = ({ port, tls }: NonNullable<SettingsOf<'tria'>['nginx']>): NonNullable<Doors['web']> => ({
  http: port,
  https: tls ? tls.port : port === HTTPS ? undefined : HTTPS,
});

/**
 * @param variables the 30, which the host keeps in a file that only its owner reads, fetched at each boot (CONF-30)
 */
export function serverOf(
  { stack, host, network, nginx }: SettingsOf<'tria'>,
  variables: Readonly<Record<string, pulumi.Input<string>>>,
): Server {
  const { ec2, name, user } = host;
  const { account: accountId, region, keyName, publicKey } = ec2!;
  const account = new Account('aws', { accountId, region, partOf: name, environment: stack.environment }, {});
  const { place, provider } = account;
  const options = { provider };

  const key = new Key(
    'host-key',
    { place, alias: name, description: `Disks and secret of ${name}`, uses: [], protect: stack.protect },
    options,
  );
  const secretName = `${name}/env`;
  const secret = new HostSecret(
    'host-env',
    { secretName, variables, kmsKeyArn: key.arn, protect: stack.protect },
    options,
  );
  const profile = new HostProfile('host-role', { place, profileName: name, secretName, keyArn: key.arn }, options);

  // In one order: user data hold the lists, and another text would start the server anew.
  const firewall = {
    sshFrom: network.sshFrom.toSorted(),
    ...(nginx && { web: webOf(nginx) }),
    backendFrom: network.publishBackend ? network.backendFrom.toSorted() : [],
    metricsFrom: network.metricsFrom.toSorted(),
  };
  const server = new Host(
    'server',
    {
      ...{ hostName: name, firewall, kmsKeyArn: key.arn, instanceProfile: profile.profileName, protect: stack.protect },
      ...{ instanceType: ec2!.instanceType, imageId: ec2!.imageId, monitoring: ec2!.monitoring },
      ...{ vpcId: ec2!.vpcId, subnetId: ec2!.subnetId, zone: ec2!.zone },
      key: { name: keyName, ...(publicKey !== undefined && { publicKey }) },
      rootSize: ec2!.rootDisk,
      data: { size: ec2!.dataDisk },
      userData: (volumeId) =>
        volumeId.apply((id) =>
          userData({
            name: 'tria-aibpo',
            ...{ owner: user, firewall, dataDevice: deviceOf(id), secret: { id: secretName, region } },
          }),
        ),
    },
    // At its first boot it looks for the secret.
    { ...options, dependsOn: [secret] },
  );
  return { publicIp: server.publicIp, ready: [server] };
}
