/** The hosts of the edge, as routes of the Gateway API, for a cluster that has an implementation of it. */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { dnsLabel, labels, PlatformComponent } from '../core/index.ts';
import { securityHeaders } from './headers.ts';
import { checkSites, type Site } from './settings.ts';

const API = 'gateway.networking.k8s.io/v1';

export interface EdgeGatewayArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** Where the routes hang: a Gateway of the cluster, or one made here for a class. */
  readonly gateway:
    | { readonly kind: 'existing'; readonly name: string; readonly namespace: string }
    | { readonly kind: 'own'; readonly className: string };
  readonly sites: readonly Pick<Site, 'host' | 'upstream' | 'tls' | 'contentSecurityPolicy'>[];
}

/** The listeners that routes name; a Gateway of the cluster has to call its own so. */
const listener = (host: string, tls: boolean): string => dnsLabel(tls ? 'https' : 'http', host.replaceAll('.', '-'));

/**
 * One HTTPRoute a host, and where there is a certificate another that leads from plain HTTP to TLS.
 *
 * E's headers and the redirect are filters of the standard channel, and are made. Rate limit and firewall are not part of
 * the Gateway API, and CORS is not in its standard channel: the implementation's own policies do the first two, and the API
 * answers CORS by itself.
 */
export class EdgeGateway extends PlatformComponent {
  constructor(name: string, args: EdgeGatewayArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:EdgeGateway', name, { gateway: args.gateway.kind }, options);
    checkSites(args.sites);
    const { namespace, gateway } = args;
    const sites = args.sites.toSorted((a, b) => (a.host < b.host ? -1 : 1));
    const common = labels({ component: 'edge', instance: name, partOf: args.partOf });
    const make = (kind: string, object: string, spec: object, dependsOn: pulumi.Resource[] = []) =>
      new CustomResource(
        `${name}-${kind.toLowerCase()}-${object}`,
        { apiVersion: API, kind, metadata: { name: object, namespace, labels: common }, spec },
        { parent: this, dependsOn },
      );

    const own =
      gateway.kind === 'own'
        ? [make('Gateway', name, { gatewayClassName: gateway.className, listeners: sites.flatMap(listeners) })]
        : [];
    const parent = gateway.kind === 'own' ? { name } : { name: gateway.name, namespace: gateway.namespace };
    const attached = (host: string, tls: boolean) => [{ ...parent, sectionName: listener(host, tls) }];
    for (const { host, upstream, tls, contentSecurityPolicy } of sites) {
      const label = host.replaceAll('.', '-');
      const secure = tls !== undefined;
      const set = securityHeaders({ contentSecurityPolicy }, secure).map(([header, value]) => ({
        name: header,
        value,
      }));
      make(
        'HTTPRoute',
        dnsLabel(name, label),
        {
          hostnames: [host],
          parentRefs: attached(host, secure),
          rules: [
            {
              filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }],
              backendRefs: [{ name: upstream.service, port: upstream.port }],
            },
          ],
        },
        own,
      );
      if (!secure) continue;
      make(
        'HTTPRoute',
        dnsLabel(name, 'to-tls', label),
        {
          hostnames: [host],
          parentRefs: attached(host, false),
          rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
        },
        own,
      );
    }
    this.registerOutputs({});
  }
}

function listeners({ host, tls }: EdgeGatewayArgs['sites'][number]) {
  const plain = { name: listener(host, false), hostname: host, port: 80, protocol: 'HTTP' };
  if (!tls) return [plain];
  return [
    plain,
    {
      ...{ name: listener(host, true), hostname: host, port: 443, protocol: 'HTTPS' },
      tls: { mode: 'Terminate', certificateRefs: [{ name: tls.secretName }] },
    },
  ];
}
