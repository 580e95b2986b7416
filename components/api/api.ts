/** The API: stateless pods behind a Service. Knows its own settings; not where a database runs, nor which stack it is in. */
import type * as pulumi from '@pulumi/pulumi';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import {
  contentName,
  labels,
  PlatformComponent,
  probes,
  unreachable,
  type CpuRange,
  type Identity,
  type Image,
  type MemoryRange,
  type Workload,
} from '../core/index.ts';
import { ReleasedWorkload, SIDES, sideName, type ReleasedArgs } from '../release/index.ts';
import { accountMetadata, budget, recommendation, type Share } from './elastic.ts';
import { environment, type ApiSecrets, type ApiSettings } from './environment.ts';
import { imagePods } from './pods.ts';
import { autoscaler, type Scaling } from './scaling.ts';

/** How clients outside the cluster reach the API, beside the Service `api` that everyone inside uses. */
export type Exposure =
  | { readonly kind: 'none' }
  /** The same port on each node that runs a pod of the API. */
  | { readonly kind: 'nodePort'; readonly port: number }
  /** A load balancer of the cluster's cloud, which lets in these addresses only. */
  | { readonly kind: 'loadBalancer'; readonly port: number; readonly clients: readonly string[] };

/** How its versions come to their traffic; what is asked of them while they do is the API's own business. */
export type Releases = Pick<
  ReleasedArgs,
  'cluster' | 'way' | 'timing' | 'analysis' | 'attempt' | 'approvals' | 'reports' | 'runner' | 'between'
> &
  Pick<ReleasedArgs['asked'], 'prometheus'>;

/** How many pods there are: a number, or what the cluster decides within limits. */
export type Replicas = number | Scaling;

export interface ApiArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What runs, for labels. */
  readonly version: string;
  readonly image: Image;
  /** Scaled, a first install has 1 until the autoscaler looks, 15 s at the most. */
  readonly replicas: Replicas;
  /** Pods that may be missing while nodes are drained. Left out: no budget, and a drain takes what it wants. */
  readonly maxUnavailable?: Share | undefined;
  /** Whether the cluster is to recommend a size: needs the VerticalPodAutoscaler's kinds in it. */
  readonly recommendations: boolean;
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  readonly exposure: Exposure;
  /** The role that pods have at AWS, by its ARN (D-K8S-6). Left out: none. */
  readonly awsRoleArn?: string | undefined;
  /** The Secret whose `ca.crt` signed the certificates of the servers that the settings name with TLS. */
  readonly tls?: { readonly secretName: string } | undefined;
  /** Changing any of them is a release. */
  readonly settings: ApiSettings;
  readonly secrets: ApiSecrets;
  /** Added to the environment as it is; for faults that tests switch on. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly releases: Releases;
  /** The key of the hash that rolls the pods with their secrets. */
  readonly fingerprintKey: pulumi.Input<string>;
}

/** Seconds that a leaving pod goes on serving, while the cluster takes it out of its Services. */
const FAREWELL = 3;

/** The share of scaled pods that a rollout puts on top: as many waves for fifty as for five. */
export const SURGE: Share = '25%';

/**
 * The API, every change of which is a release (A-DEP-1): proven before it gets traffic, watched while it does, and undone by
 * itself. Two Deployments, of which one is live; Services, autoscalers, budget and recommendations are for both.
 *
 * Cost: `replicas` pods, and the runner's; during a release one more, or as many again where it changes sides. Failure: the
 * update fails and names what was read and its limit; the version before serves.
 */
export class Api extends PlatformComponent {
  /** Its live pods, whichever side they are on. */
  readonly workload: Workload;
  readonly port: number;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  /** The Secret with all of the API's secrets. */
  readonly secretName: string;
  /** The release that brought what is live. */
  readonly released: ReleasedWorkload;

  constructor(name: string, args: ApiArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:Api', name, { version: args.version, exposure: args.exposure.kind }, options);
    const { namespace, settings } = args;
    const identity = { component: 'api', instance: name, partOf: args.partOf, version: args.version };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const child = { parent: this };
    const { plain, secret: values } = environment(settings, args.secrets);

    const data = { ...plain, ...args.extraEnvironment };
    const configuration = contentName(`${name}-config`, data);
    const config = new ConfigMap(configuration, { metadata: metadata(configuration), immutable: true, data }, child);
    const secretName = `${name}-secrets`;
    const secret = new Secret(secretName, { metadata: metadata(secretName), stringData: values }, child);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: accountMetadata(metadata(name), args.awsRoleArn), automountServiceAccountToken: false },
      child,
    );

    const { replicas } = args;
    const { prometheus, ...releases } = args.releases;
    const fixed = typeof replicas === 'number';
    const port = { name: 'http', port: settings.port, targetPort: 'http' };
    // Labels of the pods leave the version out of the selector, and the template's spec names its ConfigMap by content.
    const released = new ReleasedWorkload(
      name,
      {
        ...{ ...releases, namespace, identity, port },
        pods: {
          labels: labels(identity),
          spec: podSpec({ name, identity, config: configuration, secret: secretName }, args),
        },
        secrets: { key: args.fingerprintKey, values },
        ...(fixed && { replicas }),
        surge: fixed ? 1 : SURGE,
        followers: followers(name, args.exposure, port),
        asked: {
          port: settings.port,
          paths: ['/health'],
          database: '/api/v1/health/database',
          ...(prometheus && { prometheus }),
        },
      },
      { ...child, dependsOn: [config, secret, account] },
    );

    for (const side of SIDES) {
      const target = { owner: this, name: sideName(name, side), namespace, identity };
      if (!fixed) autoscaler(target, replicas, released);
      if (args.recommendations) recommendation(target, released);
    }
    if (args.maxUnavailable !== undefined) budget({ owner: this, name, namespace, identity }, args.maxUnavailable);

    this.workload = { namespace, kind: 'Service', name };
    this.port = settings.port;
    this.subject = released.subject;
    this.secretName = secretName;
    this.released = released;
    this.registerOutputs({ subject: this.subject });
  }
}

/**
 * The Services beside the one that everybody inside uses: the pods one by one for who balances by himself (a scraper), and
 * what outside clients use (D-K8S-3). They lead to the live side, too.
 */
function followers(
  name: string,
  exposure: Exposure,
  port: { name: string; port: number; targetPort: string },
): NonNullable<ReleasedArgs['followers']> {
  // `Local` keeps the client's own address, which is what the edge from `clients` judges.
  const externalTrafficPolicy = 'Local';
  const [members, outside] = [`${name}-members`, `${name}-outside`];
  const inside = { [members]: { clusterIP: 'None', ports: [port] } };
  switch (exposure.kind) {
    case 'none':
      return inside;
    case 'nodePort':
      return {
        ...inside,
        [outside]: { type: 'NodePort', externalTrafficPolicy, ports: [{ ...port, nodePort: exposure.port }] },
      };
    case 'loadBalancer':
      return {
        ...inside,
        [outside]: {
          type: 'LoadBalancer',
          externalTrafficPolicy,
          loadBalancerSourceRanges: exposure.clients.toSorted(),
          ports: [{ ...port, port: exposure.port }],
        },
      };
    default:
      return unreachable(exposure);
  }
}

const podSpec = (
  { name, identity, ...environment }: { name: string; identity: Identity; config: string; secret: string },
  { image, cpu, memory, tls, settings, secrets }: ApiArgs,
) =>
  imagePods({
    ...{ name, identity, image, cpu, memory, tls },
    environment: { ...environment, kept: secrets.kept?.secretName },
    needs: ['database', 'redis'],
    grace: 30,
    container: {
      name: 'api',
      args: ['serve'],
      ports: [{ name: 'http', containerPort: settings.port }],
      ...probes({ httpGet: { path: '/ready', port: 'http' } }, { httpGet: { path: '/live', port: 'http' } }),
      lifecycle: { preStop: { sleep: { seconds: FAREWELL } } },
    },
  });
