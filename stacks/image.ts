/**
 * One image of a product (A-IMG-1, 2, 3; B-IMG-3, 4, 5; E-TOPO-5): built from its recipe, pushed, and asked for its version. A
 * stack of its own, since whoever runs it has to know its digest while a plan is made: it is what people approve, what a
 * release is named after, and what a rollback goes to.
 */
import type * as pulumi from '@pulumi/pulumi';
import { BuiltImage, released, serverOf, staged, type Edition } from '../components/image/index.ts';
import { DockerHost } from '../infra/docker/index.ts';
import type { Configuration } from './config/load.ts';
import { hostAt } from './docker.ts';

/** What other stacks and people may read. Nothing in it is a secret. */
export interface ImageOutputs {
  readonly contractVersion: number;
  readonly version: string;
  /** `repository@sha256:…` */
  readonly reference: pulumi.Output<string>;
  /** `sha256:…` */
  readonly digest: pulumi.Output<string>;
  /** `repository:tag` that names this build for ever. */
  readonly tagged: string;
}

/** That of this contract alone: raised when a name or a type changes, not by a new name. */
const CONTRACT_VERSION = 1;

export function image({ settings, secrets }: Configuration<'image'>): ImageOutputs {
  const { stack, docker, registry } = settings;
  const { repository, context, platform, dockerfile, target, proof } = settings.image;
  const login = { username: registry.username, password: secrets.registryPassword! };
  const host = hostAt(docker.address, docker.ssh);
  const builder = new DockerHost('builder', { ...host, registries: [{ address: serverOf(repository), ...login }] });
  const built = new BuiltImage(
    'image',
    {
      ...{ host, repository, context, platform },
      ...(dockerfile !== undefined && { dockerfile }),
      ...(target !== undefined && { target }),
      edition: editionOf(settings),
      registry: login,
      ...(proof && { version: { command: proof.command, says: stack.version } }),
    },
    { provider: builder.provider },
  );
  return {
    contractVersion: CONTRACT_VERSION,
    version: stack.version,
    reference: built.reference,
    digest: built.digest,
    tagged: built.tagged,
  };
}

/** The rules see to it that it is one of the two. */
function editionOf({ stack, image: { release, staged: build, builtAt } }: Configuration<'image'>['settings']): Edition {
  return release === undefined
    ? staged({ environment: build!.environment, builtAt })
    : released({ version: stack.version, builtAt, commit: release.commit });
}
