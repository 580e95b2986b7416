/** What a product's image is built from, and where it goes. */
import type * as pulumi from '@pulumi/pulumi';
import type { DockerHostRef } from '../core/index.ts';
import type { Edition } from './editions.ts';

/** How somebody signs in to a registry. ECR: `AWS`, and what `aws ecr get-login-password` prints, good for twelve hours. */
export interface RegistryLogin {
  readonly username: pulumi.Input<string>;
  /** A secret: encrypted in the state. Another one builds nothing anew. */
  readonly password: pulumi.Input<string>;
}

/** What the image says when it is asked which version it is. */
export interface VersionCheck {
  /** The program in the image and its arguments: `['./architect-api', '--version']`. */
  readonly command: readonly string[];
  /** The version that its output must hold as a word of its own. */
  readonly says: string;
}

export interface BuiltImageArgs {
  /** The Docker host that builds and pushes, the same one as the provider's. Another host builds nothing anew. */
  readonly host: DockerHostRef;
  /** Registry and repository without a tag: `staging-registry.example.com/architect-api`. */
  readonly repository: string;
  /** Tags and build arguments, from {@link staged} or {@link released}. */
  readonly edition: Edition;
  /** The folder whose files the build may copy, from the program's own. What `.dockerignore` names is no part of it. */
  readonly context: string;
  /** The recipe. @default `Dockerfile` in the context */
  readonly dockerfile?: string;
  /** The stage of the recipe to build. @default the last */
  readonly target?: string;
  /** What it is to run on. @default 'linux/amd64' (ours: stated, so that the machine that builds does not decide) */
  readonly platform?: string;
  readonly registry: RegistryLogin;
  /**
   * Proof that what was pushed is what was meant (A-IMG-3, B-IMG-5).
   * @default none: only the digest is looked at
   */
  readonly version?: VersionCheck;
}
