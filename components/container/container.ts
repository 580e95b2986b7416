/** One container on a Docker host: its image, its settings and secrets, and a gate that opens once it is well. */
import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { ContainerGate } from '../gates/index.ts';
import { containerLabels, digest, keyedDigest, PlatformComponent, seconds, SUBJECT } from '../core/index.ts';
import type { ContainerArgs } from './args.ts';
import { checkContainer } from './check.ts';
import { cores, healthcheck, mebi, mounts, ports, sorted } from './inputs.ts';

/**
 * A service on a Docker host (A-TOPO, C's and E's containers).
 *
 * Everything it may not have is taken away: capabilities, new privileges, a writable root, swap. Its output is rotated.
 *
 * *What a change costs*: of memory or restart policy nothing; of anything else the container is replaced, and the service is
 * away meanwhile, since its name can be had once (`rollover` is for those who cannot afford that). Volumes stay.
 *
 * *Failure*: a container that does not become well in `deadline` fails the update, with the last lines of its output; what
 * depends on it is not touched. It is left as it is, to be looked at, and the next update asks again.
 */
export class Container extends PlatformComponent {
  /** The container's name, by which others in its networks reach it. */
  readonly containerName: string;
  /** The container's id; another one after each replacement. */
  readonly containerId: pulumi.Output<string>;
  /** The digest of all that the container is made of, as it stands in its label. */
  readonly subject: pulumi.Output<string>;
  /** Opens once the container is well: what needs the service depends on it. Absent where the facts name no health. */
  readonly gate: ContainerGate | undefined;

  constructor(name: string, args: ContainerArgs, options: pulumi.ComponentResourceOptions) {
    checkContainer(name, args);
    const { facts, host } = args;
    const containerName = args.containerName ?? facts.name;
    super('platform:app:Container', name, { container: containerName, image: facts.image.reference }, options);

    const image = imageOf(this, name, facts.image.reference);
    const { inputs, subject } = stamped(name, containerName, args, image);
    const container = new docker.Container(name, inputs, {
      parent: this,
      // The name can be had once.
      deleteBeforeReplace: true,
      additionalSecretOutputs: ['envs', 'uploads'],
    });

    this.containerName = containerName;
    this.containerId = container.id;
    this.subject = subject;
    this.gate =
      facts.health &&
      new ContainerGate(
        `${name}-healthy`,
        { host, container: containerName, subject, patience: { deadline: args.deadline ?? '2m' } },
        { parent: this, dependsOn: container },
      );
    this.registerOutputs({ subject });
  }
}

/** The image on the host, pulled where it is missing. It stays when the container goes: going back needs it. */
export const imageOf = (owner: PlatformComponent, name: string, reference: string): docker.RemoteImage =>
  new docker.RemoteImage(
    `${name}-image`,
    { name: reference, keepLocally: true, pullTriggers: [reference] },
    { parent: owner },
  );

/** The inputs with the digest of them all in a label, so that a gate can tell whether what runs is what was meant. */
export function stamped(name: string, containerName: string, args: ContainerArgs, image: docker.RemoteImage) {
  const { facts, files = {}, secrets = {}, settings = {}, networks, volumes = {} } = args;
  const plain = plainInputs(containerName, args);
  const secret = pulumi.secret({
    secrets: pulumi.all(secrets),
    files: pulumi.all(
      Object.fromEntries(
        sorted(files)
          .filter(([, f]) => f.secret)
          .map(([path, f]) => [path, f.content]),
      ),
    ),
  });
  const sealed = pulumi.all([args.fingerprintKey ?? '', secret]).apply(([key, values]) => keyedDigest(key, values));
  const open = pulumi.output({
    image: image.imageId,
    settings: { ...facts.settings, ...settings },
    files: sorted(files).map(([path, f]) => [path, f.permissions ?? '', f.secret ? '' : f.content]),
    networks: networks.map(({ network, aliases = [] }) => ({ network, aliases })),
    volumes: sorted(volumes).map(([path, mounted]) => ({ path, ...mounted })),
  });
  // The hash of the secrets is public on purpose: a label holds it, and nothing can be tried against it without its key.
  const subject = pulumi.all([open, pulumi.unsecret(sealed)]).apply(([known, hash]) => digest({ plain, known, hash }));
  const identity = { component: facts.name, instance: name, partOf: args.partOf };
  const labels = {
    ...containerLabels({ ...identity, ...(args.version && { version: args.version }) }),
    [SUBJECT]: subject,
  };
  const inputs: docker.ContainerArgs = {
    ...plain,
    image: image.imageId,
    envs: sorted({ ...facts.settings, ...settings, ...mapped(secrets, pulumi.secret) }).map(
      ([variable, value]) => pulumi.interpolate`${variable}=${value}`,
    ),
    networksAdvanced: networks.map(({ network, aliases = [] }) => ({
      name: network,
      aliases: [...aliases].toSorted(),
    })),
    volumes: sorted(volumes).map(([containerPath, { volume, readOnly = false }]) => ({
      ...{ containerPath, volumeName: volume, readOnly },
    })),
    uploads: sorted(files).map(([file, { content, secret: hidden, permissions = '0444' }]) => ({
      file,
      content: hidden ? pulumi.secret(content) : content,
      permissions,
    })),
    labels: sorted<pulumi.Input<string>>(labels).map(([label, value]) => ({ label, value })),
  };
  return { inputs, subject };
}

const mapped = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** What is known without asking anybody. */
function plainInputs(containerName: string, args: ContainerArgs) {
  const { facts, publish = [], binds = [], capabilities = [], seesProcesses = false } = args;
  const { restart = 'unless-stopped' } = args;
  const { maxSize, maxFiles } = args.logs ?? { maxSize: '10Mi', maxFiles: 3 };
  const user = args.user ?? `${facts.image.uid}:${facts.image.uid}`;
  const memory = mebi(facts.memory);
  return {
    name: containerName,
    hostname: containerName,
    ...(facts.entrypoint !== undefined && { entrypoints: [...facts.entrypoint] }),
    ...(facts.command !== undefined && { command: [...facts.command] }),
    ...(user !== 'image' && { user }),
    ports: ports(publish, facts.ports),
    healthcheck: facts.health ? healthcheck(facts.health) : { tests: ['NONE'] },
    restart,
    memory,
    // As much as memory: none of it is swap.
    memorySwap: memory,
    cpus: cores(facts.cpu.limit),
    readOnly: args.readOnlyRoot ?? Object.keys(args.files ?? {}).length === 0,
    capabilities: { drops: ['ALL'], adds: capabilities.map((one) => `CAP_${one}`).toSorted() },
    ...(binds.length > 0 && { mounts: mounts(binds) }),
    // With the host's processes in sight Docker adds the label's option by itself.
    ...(seesProcesses && { pidMode: 'host' }),
    securityOpts: [...(seesProcesses ? ['label=disable'] : []), 'no-new-privileges'],
    tmpfs: Object.fromEntries(
      sorted(facts.scratch ?? {}).map(([path, size]) => [path, `size=${mebi(size)}m,mode=1777`]),
    ),
    ...(args.sysctls && { sysctls: { ...args.sysctls } }),
    logDriver: 'json-file',
    logOpts: { 'max-size': `${mebi(maxSize)}m`, 'max-file': `${maxFiles}` },
    networkMode: 'bridge',
    destroyGraceSeconds: seconds(facts.stopGrace ?? '30s'),
    stopTimeout: seconds(facts.stopGrace ?? '30s'),
    // The gate waits, and can say what went wrong: the provider only says that something did.
    wait: false,
    mustRun: true,
  };
}
