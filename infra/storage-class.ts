/** The class of volumes that data lie on: gp3 on AWS, encrypted, made to grow (A-HOST-2, D-SEC-1, GAP-6). */
import type * as pulumi from '@pulumi/pulumi';
import { StorageClass as Class } from '@pulumi/kubernetes/storage/v1/storageClass.js';
import { labels, PlatformComponent, Problems } from '../components/core/index.ts';

/** What AWS accepts of a gp3 volume; what is above the first number of each is paid for apart. */
const IOPS = { least: 3000, most: 16_000 } as const;
const THROUGHPUT = { least: 125, most: 1000 } as const;

export interface StorageClassArgs {
  /** The class's name, which the components' `storageClass` names. A new one is a new class; volumes keep theirs. */
  readonly className: string;
  readonly partOf: string;
  /** Operations a second of each volume (A-HOST-2: 3000 and more). A change holds for new volumes only. @default 3000 */
  readonly iops?: number;
  /** MiB a second of each volume; at most a quarter of `iops`. A change holds for new volumes only. @default 125 */
  readonly throughput?: number;
  /** The key the volumes are encrypted with. @default the account's own for EBS */
  readonly kmsKeyArn?: pulumi.Input<string>;
}

/**
 * A StorageClass for the EBS CSI driver. The volumes stay when their claims go: nothing that deletes an object deletes
 * data, and somebody has to delete the volumes by hand in the end. They are made where the pod is, in its zone.
 *
 * Only for clusters that have no such class; where there is one, the components name that. Its parameters cannot change:
 * other ones replace the class under its name, which no volume notices.
 */
export class StorageClass extends PlatformComponent {
  /** The class's name, once it exists. */
  readonly className: pulumi.Output<string>;

  constructor(name: string, args: StorageClassArgs, options: pulumi.ComponentResourceOptions) {
    const { className, iops = IOPS.least, throughput = THROUGHPUT.least, kmsKeyArn } = args;
    super('platform:host:StorageClass', name, { className, iops, throughput }, options);
    check(iops, throughput);
    const made = new Class(
      `${name}-class`,
      {
        metadata: {
          name: className,
          labels: labels({ component: 'storage-class', instance: name, partOf: args.partOf }),
        },
        provisioner: 'ebs.csi.aws.com',
        parameters: {
          type: 'gp3',
          encrypted: 'true',
          iops: `${iops}`,
          throughput: `${throughput}`,
          ...(kmsKeyArn !== undefined && { kmsKeyId: kmsKeyArn }),
        },
        allowVolumeExpansion: true,
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Retain',
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.className = made.metadata.name;
    this.registerOutputs({ className: this.className });
  }
}

function check(iops: number, throughput: number): void {
  const problems = new Problems();
  const within = (value: number, { least, most }: { readonly least: number; readonly most: number }): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  problems.require(within(iops, IOPS), {
    where: 'StorageClassArgs.iops',
    found: `${iops}`,
    wanted: `a whole number from ${IOPS.least} to ${IOPS.most}`,
  });
  problems.require(within(throughput, THROUGHPUT) && throughput * 4 <= iops, {
    where: 'StorageClassArgs.throughput',
    found: `${throughput}`,
    wanted: `a whole number from ${THROUGHPUT.least} to ${THROUGHPUT.most}, at most a quarter of iops, which is ${iops}`,
  });
  problems.throwIfAny('the storage class');
}
