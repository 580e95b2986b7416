/** A server on EC2 (C-HOST): the instance, its disks, its address, and who reaches it. */
import { Volume } from '@pulumi/aws/ebs/volume.js';
import { Eip } from '@pulumi/aws/ec2/eip.js';
import { EipAssociation } from '@pulumi/aws/ec2/eipAssociation.js';
import { Instance } from '@pulumi/aws/ec2/instance.js';
import { KeyPair } from '@pulumi/aws/ec2/keyPair.js';
import { NetworkInterface } from '@pulumi/aws/ec2/networkInterface.js';
import { VolumeAttachment } from '@pulumi/aws/ec2/volumeAttachment.js';
import type * as pulumi from '@pulumi/pulumi';
import { PlatformComponent, Problems, shown } from '../../components/core/index.ts';
import { named } from '../account/index.ts';
import { checkDoors, type Doors } from '../host/index.ts';
import { securityGroup } from './firewall.ts';

/** The key that SSH lets in (C-HOST-4). */
export interface KeyPairSettings {
  /** `key_name` of C-HOST-2. Another name is another instance: AWS puts the key there at the first boot only. */
  readonly name: string;
  /**
   * An OpenSSH public key, from which the pair is made under that name.
   * @default the account has a pair of that name
   */
  readonly publicKey?: string;
}

/** The volume that holds Docker's images, volumes and logs, and outlives the instance. */
export interface DataDisk {
  /** GiB (A-HOST-4: 100 and more for the platform). It grows in place, and never shrinks. */
  readonly size: number;
  /** @default 3000 (A-HOST-2) */
  readonly iops?: number;
}

/** Where the data disk is plugged in. Nitro shows it under another name; the host looks for the volume's id. */
const DATA_DEVICE = '/dev/sdf';
const GP3 = { type: 'gp3', iops: 3000, throughput: 125 } as const;

export interface HostArgs {
  /** The name in AWS of everything: `tria-aibpo-staging` (C-HOST-2 `project_name`). */
  readonly hostName: string;
  /**
   * Another one stops and starts the instance: two minutes without it.
   * @default 't3.medium' (C-HOST-2)
   */
  readonly instanceType?: string;
  /**
   * The machine image, Ubuntu 22.04 for amd64 in this region (C-HOST-4). Configuration, not looked up: a plan asks nobody, and
   * a newer image does not replace a host by itself. Another one is another instance; the data disk moves to it.
   */
  readonly imageId: string;
  readonly vpcId: pulumi.Input<string>;
  /** A public subnet. Another one is another instance. */
  readonly subnetId: pulumi.Input<string>;
  /** The zone of that subnet, where the data disk has to be. */
  readonly zone: string;
  /** The name of the instance profile, with the role that reads the host's secret and nothing else. */
  readonly instanceProfile: pulumi.Input<string>;
  readonly key: KeyPairSettings;
  /** Stands in the security group here, and once more on the host (infra/host): give both the same. */
  readonly firewall: Doors;
  /**
   * GiB of the root disk.
   * @default 30 (C-HOST-6: 20 and more)
   */
  readonly rootSize?: number;
  readonly data: DataDisk;
  /** Encrypts both disks. Another one makes both anew. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /**
   * What prepares the host (infra/host), given the data disk's id. No secret may be in it: everybody who may describe the
   * instance reads it, and so does every process on it.
   */
  readonly userData: (dataVolumeId: pulumi.Output<string>) => pulumi.Input<string>;
  /**
   * Figures of AWS each minute and not each five (C-HOST-2 `enable_monitoring`).
   * @default true
   */
  readonly monitoring?: boolean;
  /**
   * Whether instance, address and data refuse to be deleted, by AWS and by Pulumi.
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * One server with Docker on it. Cost: the instance by the hour, two disks, an address, figures by the minute.
 *
 * Failure of the machine: AWS starts the instance on another within minutes; disks and address stay. Failure of the zone:
 * the host is away until the zone is back, or until its data are restored elsewhere.
 *
 * A change of user data stops the instance, starts it, and so runs the new preparation on what is there (infra/host: each
 * boot prepares): two minutes without the host, with all of its data. Replacing it instead would do the same in five
 * minutes, lose whatever lies on the root disk, and give it another host key.
 */
export class Host extends PlatformComponent {
  /** `STAGING_IP` (C-HOST-3). It stays when the instance is replaced. */
  readonly publicIp: pulumi.Output<string>;
  readonly privateIp: pulumi.Output<string>;
  readonly instanceId: pulumi.Output<string>;
  readonly dataVolumeId: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: HostArgs, options: pulumi.ComponentResourceOptions) {
    check(args);
    const { hostName, instanceType = 't3.medium', protect = true } = args;
    super('platform:host:Host', name, { hostName, instanceType }, options);

    const group = securityGroup(this, name, { groupName: hostName, vpcId: args.vpcId, firewall: args.firewall });
    const keyName = keyPair(this, name, args.key);
    const data = dataVolume(this, name, args, protect);
    const card = networkInterface(this, name, args, group.id);
    const address = elasticIp(this, name, hostName, card, protect);
    const instance = server(this, name, args, { keyName, instanceType, protect, data, card, reached: address.plug });
    plug(this, name, data, instance);

    this.publicIp = address.ip.publicIp;
    this.privateIp = card.privateIp;
    this.instanceId = instance.id;
    this.dataVolumeId = data.id;
    this.securityGroupId = group.id;
    this.registerOutputs({ publicIp: this.publicIp });
  }
}

function check({ hostName, imageId, key, firewall, rootSize = 30, data }: HostArgs): void {
  const problems = new Problems();
  checkDoors(problems, 'HostArgs.firewall', firewall);
  problems.require(/^ami-[0-9a-f]{8,17}$/.test(imageId), {
    where: 'HostArgs.imageId',
    found: shown(imageId),
    wanted: 'the id of a machine image of this region, like "ami-0123456789abcdef0"',
    remedy: 'Canonical lists those of Ubuntu 22.04 amd64; state one',
  });
  problems.require(rootSize >= 20, {
    where: 'HostArgs.rootSize',
    found: `${rootSize} GiB`,
    wanted: '20 GiB at the least (C-HOST-6)',
  });
  problems.require(data.size >= 1, {
    where: 'HostArgs.data.size',
    found: `${data.size} GiB`,
    wanted: '1 GiB at the least',
  });
  problems.require(key.publicKey === undefined || /^(ssh-ed25519|ssh-rsa) \S+/.test(key.publicKey), {
    where: 'HostArgs.key.publicKey',
    // What stands in its place may be the other half of the pair.
    found: 'a text that is no public key',
    wanted: 'one line that begins with "ssh-ed25519" or "ssh-rsa", as in id_ed25519.pub: the kinds that EC2 takes',
  });
  problems.throwIfAny(`the host ${hostName}`);
}

function keyPair(owner: PlatformComponent, name: string, { name: keyName, publicKey }: KeyPairSettings) {
  if (publicKey === undefined) return keyName;
  return new KeyPair(`${name}-key`, { keyName, publicKey, tags: named(keyName) }, { parent: owner }).keyName;
}

function dataVolume(owner: PlatformComponent, name: string, args: HostArgs, protect: boolean): Volume {
  return new Volume(
    `${name}-data`,
    {
      ...GP3,
      availabilityZone: args.zone,
      size: args.data.size,
      iops: args.data.iops ?? GP3.iops,
      encrypted: true,
      kmsKeyId: args.kmsKeyArn,
      // Whoever lifts the protection and deletes it can still go back to this.
      finalSnapshot: true,
      tags: named(`${args.hostName}-data`),
    },
    { parent: owner, protect },
  );
}

/** Its addresses stay when the instance is replaced. */
const networkInterface = (owner: PlatformComponent, name: string, args: HostArgs, group: pulumi.Input<string>) =>
  new NetworkInterface(
    `${name}-card`,
    { subnetId: args.subnetId, securityGroups: [group], description: args.hostName, tags: named(args.hostName) },
    { parent: owner },
  );

interface Made {
  readonly keyName: pulumi.Input<string>;
  readonly card: NetworkInterface;
  /** The host asks for its packages as soon as it boots: it has to be on the internet by then. */
  readonly reached: pulumi.Resource;
  readonly instanceType: string;
  readonly protect: boolean;
  readonly data: Volume;
}

function server(owner: PlatformComponent, name: string, args: HostArgs, made: Made): Instance {
  return new Instance(
    `${name}-server`,
    {
      ami: args.imageId,
      instanceType: made.instanceType,
      primaryNetworkInterface: { networkInterfaceId: made.card.id },
      keyName: made.keyName,
      iamInstanceProfile: args.instanceProfile,
      // Only to a token, and one hop far: a container on a network of Docker's is two away and cannot act as the host.
      metadataOptions: {
        httpEndpoint: 'enabled',
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: 'disabled',
      },
      rootBlockDevice: {
        volumeType: GP3.type,
        iops: GP3.iops,
        throughput: GP3.throughput,
        volumeSize: args.rootSize ?? 30,
        encrypted: true,
        kmsKeyId: args.kmsKeyArn,
        deleteOnTermination: true,
        tags: named(`${args.hostName}-root`),
      },
      monitoring: args.monitoring ?? true,
      disableApiTermination: made.protect,
      // A `shutdown` on the host stops it; the other choice would delete it.
      instanceInitiatedShutdownBehavior: 'stop',
      maintenanceOptions: { autoRecovery: 'default' },
      creditSpecification: { cpuCredits: 'standard' },
      userData: args.userData(made.data.id),
      userDataReplaceOnChange: false,
      tags: named(args.hostName),
    },
    // One disk, one interface: the old instance has to let go of them first.
    { parent: owner, protect: made.protect, deleteBeforeReplace: true, dependsOn: [made.reached] },
  );
}

function plug(owner: PlatformComponent, name: string, data: Volume, instance: Instance): void {
  new VolumeAttachment(
    `${name}-data-plug`,
    {
      deviceName: DATA_DEVICE,
      volumeId: data.id,
      instanceId: instance.id,
      // Never pulled out under a running Docker.
      stopInstanceBeforeDetaching: true,
    },
    { parent: owner, deleteBeforeReplace: true },
  );
}

function elasticIp(owner: PlatformComponent, name: string, hostName: string, card: NetworkInterface, protect: boolean) {
  const ip = new Eip(`${name}-address`, { domain: 'vpc', tags: named(hostName) }, { parent: owner, protect });
  const plug = new EipAssociation(
    `${name}-address-plug`,
    { allocationId: ip.allocationId, networkInterfaceId: card.id },
    { parent: owner, deleteBeforeReplace: true },
  );
  return { ip, plug };
}
