/** The hosts of the edge, handed to an Ingress controller that the cluster has already. */
import type * as pulumi from '@pulumi/pulumi';
import { Ingress } from '@pulumi/kubernetes/networking/v1/ingress.js';
import { labels, PlatformComponent } from '../core/index.ts';
import { checkSites, type Site } from './settings.ts';

export interface EdgeIngressArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** The IngressClass of the controller. */
  readonly className: string;
  readonly sites: readonly Pick<Site, 'host' | 'upstream' | 'tls'>[];
  /** The controller's own annotations, as they are: its limits, its CORS, its cert-manager issuer. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * One Ingress for all hosts: hosts, backends and certificates, which is all that the API knows.
 *
 * Rate limit, CORS, headers, body size and firewall are not part of the Ingress API. Each controller has annotations of its
 * own for them, no two alike, so none is made up here: `annotations` takes what the cluster's controller understands, and
 * what it does not, the cluster does not have. The API answers CORS by itself, and limits each identity.
 */
export class EdgeIngress extends PlatformComponent {
  constructor(name: string, args: EdgeIngressArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:host:EdgeIngress', name, { className: args.className }, options);
    checkSites(args.sites);
    const { namespace, className } = args;
    const sites = args.sites.toSorted((a, b) => (a.host < b.host ? -1 : 1));
    const secrets = Map.groupBy(
      sites.filter(({ tls }) => tls !== undefined),
      ({ tls }) => tls!.secretName,
    );
    new Ingress(
      `${name}-ingress`,
      {
        metadata: {
          name,
          namespace,
          labels: labels({ component: 'edge', instance: name, partOf: args.partOf }),
          // Whether the controller has taken it is the gates' question.
          annotations: { 'pulumi.com/skipAwait': 'true', ...args.annotations },
        },
        spec: {
          ingressClassName: className,
          tls: [...secrets].map(([secretName, members]) => ({ secretName, hosts: members.map(({ host }) => host) })),
          rules: sites.map(({ host, upstream: { service, port } }) => ({
            host,
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: port } } } },
              ],
            },
          })),
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
