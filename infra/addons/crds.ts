/** The kinds that add-ons bring, as data in this tree: made by generate.ts, so that a plan needs no network. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { CustomResourceDefinition } from '@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js';
import { canonical, labels, type PlatformComponent } from '../../components/core/index.ts';

export const FOLDER = join(import.meta.dirname, 'crds');

/** The files in `crds/`. */
export type CrdSet =
  | 'aws-load-balancer-controller'
  | 'cert-manager'
  | 'external-secrets'
  | 'gateway-api'
  | 'keda'
  | 'prometheus-operator'
  | 'vpa';

export interface Definition {
  /** `<plural>.<group>` */
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One file of `crds/`: where it is from, and what is left of it. */
export interface Generated {
  readonly module: string;
  readonly version: string;
  /** Go's checksum of the module. */
  readonly sum: string;
  /** {@link checksum} of `crds`: an edit by hand shows. */
  readonly digest: string;
  readonly crds: readonly Definition[];
}

export const checksum = (crds: readonly Definition[]): string =>
  createHash('sha256').update(canonical(crds)).digest('hex');

export const readCrds = (set: CrdSet): Generated =>
  JSON.parse(readFileSync(join(FOLDER, `${set}.json`), 'utf8')) as Generated;

/** The definitions as objects, for whoever brings them to a cluster without an engine. */
export const crdObjects = (set: CrdSet) =>
  readCrds(set).crds.map(({ name, annotations, spec }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, ...(annotations && { annotations: { ...annotations } }) },
    spec,
  }));

/** A kind that an earlier installation left is taken over, also where that one was of another version. */
const TAKEN_OVER = { 'pulumi.com/patchForce': 'true' };

/**
 * Installs a set. Deleting one would delete every object of its kinds in the whole cluster, so they outlive the add-on:
 * turning it off, because another installation takes over, loses no Certificate.
 */
export function installCrds(
  owner: PlatformComponent,
  name: string,
  set: CrdSet,
  partOf: string,
): CustomResourceDefinition[] {
  const common = labels({ component: set, instance: name, partOf });
  const options: pulumi.CustomResourceOptions = { parent: owner, retainOnDelete: true };
  return crdObjects(set).map(
    ({ metadata, spec }) =>
      new CustomResourceDefinition(
        `${name}-crd-${metadata.name.split('.')[0]!}`,
        {
          metadata: { ...metadata, annotations: { ...metadata.annotations, ...TAKEN_OVER }, labels: common },
          spec: spec as unknown as types.input.apiextensions.v1.CustomResourceDefinitionSpec,
        },
        options,
      ),
  );
}
