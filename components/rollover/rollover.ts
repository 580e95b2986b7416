/** A service on a Docker host that is updated without being away: the new container beside the old, and then in its place. */
import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import {
  containerLabels,
  digest,
  isDuration,
  keyedDigest,
  PlatformComponent,
  Problems,
  seconds,
  shown,
  SUBJECT,
  WRITTEN,
} from '../core/index.ts';
import { checkContainer, type ContainerArgs } from '../container/index.ts';
import { containerBody } from './body.ts';
import { upstreamVariable, type Order, type Patience } from './order.ts';
import { RolloverResource } from './resource.ts';

export interface RolloverArgs extends Omit<
  ContainerArgs,
  'networks' | 'publish' | 'containerName' | 'restart' | 'deadline'
> {
  /** At least one, the first of which the proxy is in. Without aliases: a name for both would lead to one not yet judged. */
  readonly networks: readonly pulumi.Input<string>[];
  /** The name of the facts' port that the proxy calls. */
  readonly port: string;
  readonly proxy: { readonly container: string; readonly volume: pulumi.Input<string> };
  /** @default { deadline: '2m', watch: '15s', drain: '30s' } (ours) */
  readonly patience?: Partial<Patience>;
}

export const PATIENCE: Patience = { deadline: '2m', watch: '15s', drain: '30s' };

/**
 * A service behind a proxy (E's updates; issue 6). It comes before its proxy, whose configuration includes
 * `<name>.conf` out of the volume at its `http` level and passes requests on by its variable:
 *
 *     include /etc/nginx/upstreams/*.conf;
 *     server { … resolver 127.0.0.11 valid=1s ipv6=off; location / { proxy_pass http://$api_upstream; } }
 *
 * *An update*: the new container starts beside the old one, has to become well within `deadline`, gets the users' requests,
 * has to stay well for `watch`; the old one finishes what it has begun and goes. Costs the memory of both meanwhile.
 *
 * *Failure*: the proxy is led back, the new container is removed, and the update fails with the reading and the last lines.
 * The state keeps the old version, which is what runs; a preview shows the new one as pending.
 *
 * *Killed engine*: the service goes on, since the old container is the last thing to go. The next update sees what was left
 * and goes on or back, whichever it is asked for.
 */
export class Rollover extends PlatformComponent {
  /** The digest of all that the version is made of. */
  readonly subject: pulumi.Output<string>;
  /** The colour that users reach. */
  readonly colour: pulumi.Output<string>;
  /** The name of the proxy's variable that holds `host:port` of the live container. */
  readonly variable: string;

  constructor(name: string, args: RolloverArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    super('platform:app:Rollover', name, { image: args.facts.image.reference }, options);
    const { facts } = args;
    const image = new docker.RemoteImage(
      `${name}-image`,
      { name: facts.image.reference, keepLocally: true, pullTriggers: [facts.image.reference] },
      { parent: this },
    );
    const live = new RolloverResource(`${name}-live`, orderOf(name, args), { parent: this, dependsOn: image });
    this.subject = live.subject;
    this.colour = live.colour;
    this.variable = upstreamVariable(facts.name);
    this.registerOutputs({ colour: this.colour });
  }
}

function check(name: string, args: RolloverArgs): void {
  checkContainer(name, { ...args, networks: args.networks.map((network) => ({ network })) });
  const problems = new Problems();
  problems.require(args.port in args.facts.ports, {
    where: 'port',
    found: shown(args.port),
    wanted: `one of ${Object.keys(args.facts.ports).join(', ') || 'no ports: this service has none'}`,
  });
  problems.require(args.facts.health !== undefined, {
    where: 'facts.health',
    found: 'nothing',
    wanted: 'a health check: without one no version can be told from a broken one',
  });
  for (const [key, value] of Object.entries(args.patience ?? {})) {
    problems.require(isDuration(value), { where: `patience.${key}`, found: shown(value), wanted: WRITTEN.duration });
  }
  problems.throwIfAny(`Rollover "${name}"`);
}

type Inputs = { readonly [K in keyof Order]: pulumi.Input<Order[K]> };

/** The order, with the digest of its body and of its secrets: whoever looks at a container can tell what it was made of. */
function orderOf(name: string, args: RolloverArgs): Inputs {
  const { facts, files = {}, secrets = {}, settings = {}, volumes = {}, networks, proxy } = args;
  const entries = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hidden = entries.filter(([, file]) => file.secret === true);
  const sealed = pulumi.secret(
    pulumi
      .all([
        pulumi.output(secrets),
        pulumi.output(Object.fromEntries(hidden.map(([path, { content }]) => [path, content]))),
      ])
      .apply(([env, contents]) => ({ env, files: contents })),
  );
  const laid = pulumi.output(
    entries.map(([path, { content, secret, permissions = '0444' }]) => ({
      ...{ path, permissions },
      ...(secret !== true && { content }),
    })),
  );
  // The hash is public on purpose: a label holds it, and nothing can be tried against it without its key.
  const hash = pulumi.unsecret(
    pulumi.all([args.fingerprintKey ?? '', sealed]).apply(([key, values]) => keyedDigest(key, values)),
  );
  const identity = { component: facts.name, instance: name, partOf: args.partOf };
  const labels = containerLabels({ ...identity, ...(args.version !== undefined && { version: args.version }) });
  const made = pulumi
    .all([pulumi.output(settings), pulumi.output(volumes), pulumi.all([...networks]), laid, hash])
    .apply(([known, mounted, joined, put, secret]) => {
      const { host: _host, ...rest } = args;
      const given = { settings: known, network: joined[0]!, volumes: mounted };
      const plain = containerBody(rest, { ...given, labels });
      const subject = digest({ plain, networks: joined, files: put, secret });
      return { subject, body: { ...plain, Labels: { ...labels, [SUBJECT]: subject } }, networks: joined.slice(1) };
    });
  return {
    host: pulumi.output(args.host),
    ...{ name: facts.name, port: facts.ports[args.port]! },
    proxy: pulumi.output(proxy),
    subject: made.subject,
    body: made.body,
    networks: made.networks,
    files: laid,
    grace: seconds(facts.stopGrace ?? '30s'),
    patience: { ...PATIENCE, ...args.patience },
    sealed,
  };
}
