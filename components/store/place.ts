/** What the parts of a store are told about it. */
import type { Resource } from '@pulumi/pulumi';
import type { Identity, PlatformComponent } from '../core/index.ts';

/** The names a store's objects go by. */
export interface Place {
  /** Of the component, and of its objects. */
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  /** The labels that pick its pods. */
  readonly selector: Record<string, string>;
}

/** The options of a child. */
export interface Child {
  readonly parent: PlatformComponent;
  readonly dependsOn?: Resource;
}
