/** Where the chatbot stands, and what all of its parts are given: the host, its network, the gates, the secrets. */
import type * as pulumi from '@pulumi/pulumi';
import { network, volume, type ContainerArgs } from '../../components/container/index.ts';
import { containerName, type Part, type Task } from '../../components/chatbot/index.ts';
import type { DockerHostInput, Image } from '../../components/core/index.ts';
import { DockerGate, type Gate } from '../../components/gates/index.ts';
import type { DockerHost } from '../../infra/docker/index.ts';
import type { Configuration } from '../config/load.ts';
import { imagesOf, type Images } from '../images.ts';
import { hostOf } from './host.ts';
import { variablesOf, type Variables } from './variables.ts';

/** The network of the containers, and what the names of the volumes begin with (C-TOPO-1). */
const PREFIX = 'tria_aibpo';

/** Docker as C asks for it (C-HOST-7); what the stack makes itself is younger (CONF-41). */
const OLDEST_DOCKER = '20.10';

/** A part that runs, as gates know it. */
export interface Running {
  readonly containerName: string;
  readonly subject: pulumi.Output<string>;
  readonly gate: Gate | undefined;
}

export interface Site extends Configuration<'tria'> {
  /** How gates and containers find the host. */
  readonly ref: DockerHostInput;
  /** Where clients reach its ports: `STAGING_IP` (C-HOST-3). */
  readonly address: pulumi.Output<string>;
  readonly images: Images;
  /** What every container is made with. */
  readonly options: { readonly provider: DockerHost['provider']; readonly dependsOn: pulumi.Resource[] };
  /** What all containers have in common; each is found under its part's own name. */
  readonly common: (
    part: Part | Task,
  ) => Pick<ContainerArgs, 'host' | 'partOf' | 'containerName' | 'networks' | 'logs' | 'fingerprintKey'>;
  /** A volume that outlives its containers. */
  readonly volume: (what: string) => pulumi.Output<string>;
  /** Passwords and variables. */
  readonly variables: Variables;
  /** Every gate made so far, by its name. */
  readonly gates: Record<string, Gate>;
}

export async function openSite(configuration: Configuration<'tria'>): Promise<Site> {
  const { settings } = configuration;
  const variables = variablesOf(configuration);
  const { docker: host, address, ready } = await hostOf(settings, { ...variables.plain, ...variables.secret });
  const partOf = settings.host.name;
  // A server that was just made answers once it is prepared, which takes minutes.
  const answers = new DockerGate(
    'docker',
    {
      ...{ host: host.ref, subject: host.ref.address, least: OLDEST_DOCKER, requirement: 'C-HOST-7' },
      patience: { deadline: ready.length > 0 ? '15m' : '60s' },
    },
    { dependsOn: [...ready] },
  );
  const options = { provider: host.provider, dependsOn: [answers] };
  const ground = network(host, 'host-network', { name: PREFIX, partOf }, options);
  return {
    ...configuration,
    ...{ ref: host.ref, address, options, variables, gates: { docker: answers } },
    // A server that is there, or a new one, fetches by tag: what a tag means here, `make pin` says for clusters alone.
    images: imagesOf(false),
    common: (part) => ({
      ...{ host: host.ref, partOf, containerName: containerName(part), fingerprintKey: variables.fingerprintKey },
      networks: [{ network: ground.name, aliases: [part] }],
      logs: settings.logs,
    }),
    volume: (what) =>
      volume(host, `host-${what}`, { name: `${PREFIX}_${what}`, partOf, protect: settings.stack.protect }, options)
        .name,
  };
}

/** An image of the product: of the repository that is stated, at its version. */
export const productImage = (repository: string, version: string, uid: number): Image => ({
  reference: `${repository}:${version}`,
  uid,
});
