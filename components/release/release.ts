/**
 * A workload whose every change is a release: proven before it gets traffic, watched while it does, undone by itself. The
 * order of a release is the order of this constructor.
 */
import * as pulumi from '@pulumi/pulumi';
import type { types } from '@pulumi/kubernetes';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import {
  balancerName,
  labels,
  PlatformComponent,
  Problems,
  selector,
  shown,
  stamped,
  unlessAwaited,
  type Identity,
  type Sealed,
  type Template,
} from '../core/index.ts';
import type { ClusterRef } from '../gates/index.ts';
import { Release, ReleasePrepare, type ReleaseResourceArgs } from './resources.ts';
import { checkTiming, checkWay, stepsOf, WAY, type Way } from './steps.ts';
import { checkRules } from './rules-check.ts';
import { dividing, UNWAITED, type FollowerSpec, type GatewayRoute } from './dividing.ts';
import { withDigest, type Released } from './digest.ts';
import { digestOf, type Approvals } from './host.ts';
import type { Place } from './report/index.ts';
import { lastOf, type Last } from './last.ts';
import type { Rules as AnalysisRules } from './runner/analysis.ts';
import {
  deploymentName,
  FRESH,
  onSide,
  pickedOn,
  recordName,
  sideName,
  SIDES,
  sidesOf,
  type PodTemplate,
  type Side,
} from './runner/record.ts';
import { runner, type RunnerArgs } from './runner-pod.ts';
import { checkPlaces, checkSettings, rulesOf, type Asked, type Timing } from './settings.ts';

export interface ReleasedArgs {
  readonly cluster: ClusterRef;
  readonly namespace: string;
  /** What the workload is, for labels; what picks its pods must never change. */
  readonly identity: Identity;
  /**
   * What picks its pods where others have said it by labels of their own; the pods carry it. Fixed once they are there.
   * @default the identity's own labels
   */
  readonly picked?: Readonly<Record<string, string>>;
  /** Labels of its Deployments and its Service beside the usual ones. @default none */
  readonly marks?: Readonly<Record<string, string>>;
  /**
   * One Deployment under the workload's own name, in place of two that are called by their colours: where others have fixed the
   * name, and `rolling` is the way. Fixed once it is there. Undoing rolls the version before back in, pod by pod.
   * @default false
   */
  readonly alone?: boolean;
  /** What the pods run. Any change of it is a release: image, environment, resources. Its configuration is named by content. */
  readonly pods: Template<Readonly<Record<string, unknown>>>;
  /** The secrets that the pods read by reference: a change of one is a release too. */
  readonly secrets?: Sealed;
  /** Pods of the live side. Left out, somebody else decides: an autoscaler for each side, which sleeps at 0. */
  readonly replicas?: number;
  /** The Service's port, and the name of the pods' port that it leads to. */
  readonly port: { readonly name: string; readonly port: number; readonly targetPort: string };
  /**
   * How the Service is reached from beyond the cluster, and by what annotations its cloud knows it.
   * @default inside alone
   */
  readonly exposed?: { readonly annotations?: Readonly<Record<string, string>>; readonly spec: ExposedSpec };
  /**
   * Services beside the workload's own that lead to the same pods, by name: a load balancer's, a NodePort. Whoever is live
   * is what they pick, and a release moves them along; so a selector is not theirs to state.
   */
  readonly followers?: Readonly<Record<string, FollowerSpec>>;
  /** Pods on top while a side is rolled: a number, or a share of them. @default 1 */
  readonly surge?: number | `${number}%`;
  /**
   * With the driver `nginx`: the resource name of the `Edge` in this namespace whose upstream has `edgeSides(name)`.
   * @default 'edge'
   */
  readonly edge?: string;
  /** With the driver `gateway`: where its route belongs. */
  readonly gateway?: GatewayRoute;
  /** How a version comes to its traffic (A-DEP-1, D-DEP-1 to 3). A change of it is no release. @default {@link WAY} */
  readonly way?: Way;
  /** What a version is judged by while it is on trial. */
  readonly asked: Asked;
  /** @default {@link TIMING} */
  readonly timing?: Partial<Timing>;
  /** @default {@link RULES} */
  readonly analysis?: Partial<AnalysisRules>;
  /**
   * Raised by one to have a rejected version tried again.
   * @default 1
   */
  readonly attempt?: number;
  /**
   * Whose signatures a version needs before it is tried (B-SIGN-1, E-SIGN-1): roles, and the folder where they lie, from the
   * directory of Pulumi.yaml. Checked before anything is begun, and again before the order. What is live needs none, going
   * back to what was live before neither. A change of it is no release. @default nobody is asked
   */
  readonly approvals?: Approvals;
  /**
   * Where the report of each release is written, with its plot: `<folder>/<stack>/<name>-<epoch>.md`, the folder from the
   * directory of Pulumi.yaml; {@link REPORTS} is the one that git ignores. A report that cannot be written fails no release.
   * A change of it is no release. @default none is written; `make report` does it on demand
   */
  readonly reports?: Place;
  readonly runner: RunnerArgs;
  /** What has to be done once the workload is at rest and before the new version starts: a backup, a migration. */
  readonly between?: (prepared: ReleasePrepare) => readonly pulumi.Resource[];
}

/** What of a Service is about who comes in from outside. */
export type ExposedSpec = Omit<types.input.core.v1.ServiceSpec, 'selector' | 'ports'>;

/**
 * Two Deployments of which one is live, the Service that leads to it, and the runner that changes that.
 *
 * Cost: the runner's pod, always; twice the pods during a release that changes sides, and for `keepFor` after it; one pod
 * more during a rolling one. With the driver `nginx`, a look at every pod of the edge each three seconds. Failure: the update
 * fails and names the gate, what it read and its limit; traffic is where it
 * was, on pods that were not touched (blueGreen) or that are back (rolling).
 */
export class ReleasedWorkload extends PlatformComponent {
  /** Which side is live. */
  readonly side: pulumi.Output<Side>;
  /** The digest of what is live. */
  readonly subject: pulumi.Output<string>;
  /** The last good release, with what its gates said. */
  readonly last: pulumi.Output<Last>;
  readonly #service: Service;

  constructor(name: string, args: ReleasedArgs, options: pulumi.ComponentResourceOptions) {
    // First: of what is refused nothing is registered.
    check(name, args);
    super('platform:app:ReleasedWorkload', name, { strategy: args.way?.strategy ?? WAY.strategy }, options);
    const { namespace, identity, asked, way = {}, replicas, approvals, reports, alone = false } = args;
    const child = { parent: this };
    const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });
    const marked = (object: string) => ({ ...metadata(object), labels: { ...labels(identity), ...args.marks } });
    const untouched = (ignored: string[], ...after: pulumi.Resource[]) => ({
      ...child,
      ignoreChanges: ignored,
      dependsOn: after,
    });

    // The record is declared, and filled by others.
    const record = new ConfigMap(
      `${name}-record`,
      { metadata: metadata(recordName(name)), data: { ...FRESH } },
      untouched(['data']),
    );
    const { picked = selector(identity) } = args;
    const parts = { owner: this, name, namespace, identity, picked };
    const { edge = 'edge', gateway, followers = {}, port } = args;
    const { traffic, made } = dividing(parts, {
      ...{ driver: way.driver ?? WAY.driver, followers, port, edge, gateway, alone },
    });
    const inCharge = runner({ ...parts, traffic }, args.runner, [record, ...made]);

    // The digest comes last, over all that the pods are given: what is not in it is no part of a version.
    const { template, subject } = stamped(args.pods, args.secrets);
    const whole = pulumi.output(template).apply((plain) => withDigest(plain as PodTemplate & Released));
    const order: ReleaseResourceArgs = {
      ...{ cluster: args.cluster, namespace, name },
      template: whole,
      ...(replicas !== undefined && { replicas }),
      ...{ strategy: way.strategy ?? WAY.strategy, steps: stepsOf(way), attempt: args.attempt ?? 1 },
      rules: rulesOf(asked, args.timing, args.analysis),
      traffic,
      ...(approvals && { approvals }),
      ...(reports && { reports }),
    };
    // What runs, in what number and who gets the traffic is the release's: stated here for the first time only, and with no
    // pods. Before the preparation, which may have to wait for a run: of an object that was removed by hand, none could end.
    const sides = sidesOf(alone).map(
      (side) =>
        new Deployment(
          alone ? `${name}-deployment` : `${name}-${side}`,
          {
            metadata: { ...marked(deploymentName(name, side, alone)), annotations: UNWAITED },
            spec: {
              replicas: 0,
              selector: { matchLabels: pickedOn(picked, side, alone) },
              strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: args.surge ?? 1, maxUnavailable: 0 } },
              minReadySeconds: 2,
              revisionHistoryLimit: 3,
              template: whole.apply((given) => declared(given, side)),
            },
          },
          untouched(['spec.template', 'spec.replicas'], record, inCharge),
        ),
    );
    const service = new Service(
      `${name}-service`,
      {
        metadata: { ...marked(name), annotations: unlessAwaited(args.exposed?.annotations) },
        spec: { ...args.exposed?.spec, selector: pickedOn(picked, 'blue', alone), ports: [args.port] },
      },
      // Where there is one side, nothing of it ever moves.
      untouched(alone ? [] : ['spec.selector'], record, inCharge),
    );
    const prepared = new ReleasePrepare(`${name}-prepare`, order, { ...child, dependsOn: [...sides, service] });
    const ready = args.between?.(prepared) ?? [];

    const release = new Release(`${name}-release`, order, { ...child, dependsOn: [prepared, ...ready] });

    this.#service = service;
    this.side = release.side;
    this.subject = pulumi.all([subject, release.id]).apply(([known]) => known);
    this.last = lastOf(
      whole.apply((template) => digestOf({ template })),
      release,
    );
    this.registerOutputs({ side: this.side, subject: this.subject });
  }

  /** The name of the load balancer of its Service. Only where `exposed` has the annotations of one that is awaited. */
  get hostname(): pulumi.Output<string> {
    return balancerName(this.#service);
  }
}

/**
 * What a side is declared with: its template without annotations, which the runner brings. The Kubernetes provider means to
 * pass over what differs in an ignored field, and misses keys that have a slash and no dot, as ours: once something else of the
 * Deployment had been changed, each preview would show them.
 */
function declared(template: PodTemplate, side: Side): types.input.core.v1.PodTemplateSpec {
  const { metadata, spec } = onSide(template, side);
  return { metadata: { labels: metadata.labels }, spec } as unknown as types.input.core.v1.PodTemplateSpec;
}

function check(name: string, args: ReleasedArgs): void {
  const { asked, timing, analysis, way, pods, identity, replicas, attempt, picked = selector(identity) } = args;
  const problems = new Problems();
  checkSettings(asked, timing ?? {}, analysis ?? {}, problems);
  for (const [key, value] of Object.entries(picked)) {
    problems.require(pods.labels[key] === value, {
      where: `pods.labels["${key}"]`,
      found: shown(pods.labels[key]),
      wanted: `${shown(value)}, by which the Service and both sides pick their pods`,
    });
  }
  for (const follower of Object.keys(args.followers ?? {})) {
    const own = [
      name,
      `${name}-service`,
      ...SIDES.flatMap((side) => [sideName(name, side), `${sideName(name, side)}-service`]),
    ];
    problems.require(!own.includes(follower), {
      where: `followers["${follower}"]`,
      found: 'a name that the workload itself uses',
      wanted: `none of ${own.join(', ')}`,
    });
  }
  const strategy = way?.strategy ?? WAY.strategy;
  problems.require(args.alone !== true || (strategy === 'rolling' && (way?.driver ?? 'service') === 'service'), {
    ...{ where: 'way', found: `${shown(strategy)} by ${shown(way?.driver ?? WAY.driver)}` },
    wanted: '"rolling" by "service": a workload that stands alone has no second side to change to',
  });
  for (const [where, value] of Object.entries({ replicas, attempt })) {
    const good = value === undefined || (Number.isInteger(value) && value >= 1);
    problems.require(good, { where, found: shown(value), wanted: 'a whole number from 1 on' });
  }
  checkPlaces(args, problems);
  // Durations that do not parse are told already, and would only throw here.
  if (problems.found.length === 0) {
    const rules = rulesOf(asked, timing, analysis);
    checkRules(rules.analysis, problems, 'analysis');
    const pace = { rules: rules.analysis, interval: rules.probe.interval, pods: replicas ?? 1 };
    checkWay(way ?? {}, pace, problems, 'way');
    checkTiming(rules, strategy, pace, problems);
    problems.require(way?.driver !== 'gateway' || (args.gateway?.parents.length ?? 0) > 0, {
      where: 'gateway',
      found: shown(args.gateway),
      wanted: 'the Gateways that the route belongs to, since way.driver is "gateway"',
    });
  }
  problems.throwIfAny(`ReleasedWorkload "${name}"`);
}
