/** A product's image: built from its recipe, pushed under its tags, known by its digest from there on. */
import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { canonical, PlatformComponent, type DockerHostRef } from '../core/index.ts';
import type { BuiltImageArgs, VersionCheck } from './args.ts';
import { checked } from './check.ts';
import { Ledger } from './ledger.ts';
import { sourcesOf } from './sources.ts';
import { VersionProof } from './version.ts';

/**
 * An image built on a Docker host and pushed to a registry (A-IMG-1, 2, 3, 5; B-IMG-3, 4, 5; E-TOPO-5: what runs it pulls it,
 * and never builds).
 *
 * What runs is named by {@link reference}, never by a tag. The tag that names the build is pushed once: a plan that would
 * push it again, from other sources or to go back, is refused with what to do. (Where nobody makes a plan, the registry's own
 * immutability is what is left.) Tags and images stay in the registry when they go from the stack: a rollback needs them.
 *
 * *What a change costs*: of a file, the recipe or an argument a build and a push, which needs a new edition; of the login
 * nothing. A plan reads the context, asks no registry and builds nothing; the plugin wants the host's daemon to answer all
 * the same (the one that echoes does not).
 *
 * *Failure*: a build that fails, a registry that refuses, or an image that answers another version fails the update before
 * anything that depends on {@link reference} is touched. What was pushed stays, and nobody runs it.
 *
 * @param options its provider is the host's, with the registry's login among its registries, so that it can pull from there
 */
export class BuiltImage extends PlatformComponent {
  /** `repository@sha256:…`, known once it was pushed and has answered its version. What releases and gates speak of. */
  readonly reference: pulumi.Output<string>;
  /** `sha256:…`, as the registry reckons it. */
  readonly digest: pulumi.Output<string>;
  /** `repository:tag` of this build, for people. */
  readonly tagged: string;

  constructor(name: string, args: BuiltImageArgs, options: pulumi.ComponentResourceOptions) {
    const recipe = checked(name, args);
    const { repository, edition, registry, version } = args;
    const { fixed, moving } = edition.tags;
    super('platform:app:BuiltImage', name, { repository, tag: fixed }, options);
    this.tagged = `${repository}:${fixed}`;

    const image = this.#build(name, args, recipe.path);
    const pushed = image.repoDigest;
    const told = [recipe.text, canonical(edition.arguments), args.target ?? '', platformOf(args)];
    const sources = sourcesOf(args.context, told);
    const ledger = new Ledger(
      `${name}-ledger`,
      { repository, tag: fixed, sources, reference: pushed },
      { parent: this },
    );
    const proof = version && this.#prove(name, args.host, pushed, version);
    if (moving !== undefined) this.#point(name, image, `${repository}:${moving}`, registry, [ledger, proof]);

    this.reference = proof?.reference ?? pushed;
    this.digest = this.reference.apply((reference) => reference.slice(reference.indexOf('@') + 1));
    this.registerOutputs({ reference: this.reference });
  }

  /** One build, one push. */
  #build(name: string, args: BuiltImageArgs, dockerfile: string): docker.Image {
    const { registry, context, edition, target } = args;
    return new docker.Image(
      `${name}-image`,
      {
        imageName: this.tagged,
        build: {
          context,
          dockerfile,
          platform: platformOf(args),
          args: { ...edition.arguments },
          ...(target !== undefined && { target }),
        },
        registry: {
          server: serverOf(args.repository),
          username: registry.username,
          password: pulumi.secret(registry.password),
        },
      },
      { parent: this },
    );
  }

  /** The image as the registry has it, asked for its version on the host that built it. */
  #prove(name: string, host: DockerHostRef, reference: pulumi.Output<string>, version: VersionCheck): VersionProof {
    const pulled = new docker.RemoteImage(`${name}-pulled`, { name: reference, keepLocally: true }, { parent: this });
    const asked = { host, reference, command: [...version.command], says: version.says };
    return new VersionProof(`${name}-version`, asked, { parent: this, dependsOn: pulled });
  }

  /** The same image under a second name: nothing is built again, so both have one digest. It moves once the image is proven. */
  #point(
    name: string,
    image: docker.Image,
    tagged: string,
    { username, password }: BuiltImageArgs['registry'],
    after: readonly (pulumi.Resource | undefined)[],
  ): void {
    const dependsOn = [image, ...after.filter((resource) => resource !== undefined)];
    const tag = new docker.Tag(
      `${name}-moving`,
      { sourceImage: image.imageName, targetImage: tagged },
      { parent: this, dependsOn },
    );
    const address = serverOf(tagged);
    new docker.RegistryImage(
      `${name}-moved`,
      {
        name: tag.targetImage,
        // Deleting it would delete the image, by its digest, and with it every tag that it has.
        keepRemotely: true,
        triggers: { reference: image.repoDigest },
        authConfig: { address, username, password: pulumi.secret(password) },
      },
      { parent: this, dependsOn: tag, additionalSecretOutputs: ['authConfig'] },
    );
  }
}

const platformOf = ({ platform = 'linux/amd64' }: BuiltImageArgs): string => platform;

/** `host[:port]`, the first part of a repository. */
export const serverOf = (repository: string): string => repository.slice(0, repository.indexOf('/'));
