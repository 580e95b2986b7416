/** cert-manager: certificates as objects of the cluster. Knows nothing of whose certificates they are. */
import type * as pulumi from '@pulumi/pulumi';
import { labels, PlatformComponent, type Duration, type Image, type Workload } from '../../../components/core/index.ts';
import { installCrds } from '../crds.ts';
import { program, type Program, type ProgramSize } from '../program.ts';
import {
  cainjectorConfig,
  cainjectorRights,
  controllerConfig,
  controllerRights,
  namesOf,
  PORTS,
  webhookConfig,
  webhookRights,
} from './programs.ts';
import { webhooks } from './webhooks.ts';

export interface CertManagerArgs {
  /** Its own namespace, already there and fenced by {@link certManagerConnections}. */
  readonly namespace: string;
  readonly partOf: string;
  /**
   * The namespace whose Issuers and Certificates it serves. It holds no right on Secrets anywhere else; ClusterIssuers
   * are not served. Already there.
   */
  readonly serves: string;
  /** The four images of one release. */
  readonly images: {
    readonly controller: Image;
    readonly webhook: Image;
    readonly cainjector: Image;
    readonly solver: Image;
  };
  /** For each of the three programs. More than one replica lets the webhook answer while a node is away. */
  readonly size: ProgramSize;
  /**
   * Accounts of the served namespace whose tokens it may take to prove to a cloud who asks: Route 53 (DNS-01).
   * @default none
   */
  readonly tokensOf?: readonly string[];
  /** How long a program may take to become ready. */
  readonly startDeadline: Duration;
}

/**
 * Controller, webhook and CA injector, with the kinds (D-K8S-11, D-TLS-1).
 *
 * *Cost*: three pods for each replica. *Failure*: certificates that are there stay valid; none is renewed, and Issuers and
 * Certificates cannot be changed. Its destruction leaves kinds, Certificates and Secrets.
 */
export class CertManager extends PlatformComponent {
  readonly programs: { readonly controller: Program; readonly webhook: Program; readonly cainjector: Program };
  readonly workloads: readonly Workload[];

  constructor(name: string, args: CertManagerArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:CertManager', name, { namespace: args.namespace, serves: args.serves }, options);
    const { namespace, partOf, images, size, startDeadline, serves } = args;
    const scope = { namespace, serves };
    const names = namesOf(name);
    const crds = installCrds(this, name, 'cert-manager', partOf);
    const common = { ...size, namespace, partOf, addon: 'cert-manager', startDeadline, after: crds };
    const configured = { args: ['--config=/config/config.yaml'] };

    const controller = program(this, names.controller, {
      ...{ ...common, ...configured, image: images.controller },
      config: controllerConfig(scope, images.solver.reference),
      rights: controllerRights(scope, args.tokensOf ?? []),
      ports: { metrics: PORTS.metrics, health: PORTS.controllerHealth },
      probes: asked('/livez', 'health'),
    });
    const webhook = program(this, names.webhook, {
      ...{ ...common, ...configured, image: images.webhook },
      config: webhookConfig(name, scope),
      rights: webhookRights(name, scope),
      ports: { https: PORTS.webhook, health: PORTS.webhookHealth, metrics: PORTS.metrics },
      service: { https: { port: 443, to: 'https' } },
      probes: asked('/healthz', 'health', '/livez'),
    });
    const cainjector = program(this, names.cainjector, {
      ...{ ...common, ...configured, image: images.cainjector },
      config: cainjectorConfig(scope),
      rights: cainjectorRights(name, scope),
      ports: { metrics: PORTS.metrics },
      // It has no other page; that one answers once the program has its configuration.
      probes: asked('/metrics', 'metrics'),
    });
    this.programs = { controller, webhook, cainjector };
    const all = Object.values(this.programs);
    this.workloads = all.map(({ workload }) => workload);
    // Only now: a check that nobody answers would refuse what it is asked about.
    webhooks(
      this,
      name,
      scope,
      labels({ component: 'cert-manager', instance: names.webhook, partOf }),
      all.map(({ deployment }) => deployment),
    );
    this.registerOutputs({});
  }
}

/** When a program counts as ready and alive (GAP-2: our defaults). */
const asked = (ready: string, port: string, alive = ready) => ({
  readinessProbe: { httpGet: { path: ready, port }, periodSeconds: 2, failureThreshold: 3, timeoutSeconds: 5 },
  livenessProbe: {
    httpGet: { path: alive, port },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    failureThreshold: 8,
    timeoutSeconds: 15,
  },
});
