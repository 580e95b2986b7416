/** Who signs. An Issuer belongs to one namespace, and so does the Secret with its key. */
import type * as pulumi from '@pulumi/pulumi';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { dnsLabel, labels, PlatformComponent, Problems, shown, type Duration } from '../core/index.ts';
import { lifetime } from './lifetime.ts';

export const API_VERSION = 'cert-manager.io/v1';

/** An Issuer of the namespace, as Certificates name it. */
export interface IssuerRef {
  readonly name: string;
  readonly kind: 'Issuer';
}

/** The label that every solver pod of HTTP-01 carries; what lets traffic to them picks them by it. */
export const SOLVER_PODS = { 'acme.cert-manager.io/http01-solver': 'true' } as const;

export interface AuthorityArgs {
  readonly namespace: string;
  readonly partOf: string;
  /**
   * How long its own certificate lasts. It is renewed with the same key, so what it has signed stays trusted.
   * @default '3650d'
   */
  readonly lifetime?: Duration;
}

/**
 * An authority of the platform's own, for connections that stay inside (D-TLS-1, CONF-33). Its key never leaves the
 * namespace; what it signs comes with its certificate as `ca.crt`.
 *
 * *Failure*: without cert-manager, what is signed stays valid and nothing new is. Deleting the Secret makes another
 * authority: every client has to read the new `ca.crt`.
 */
export class Authority extends PlatformComponent {
  readonly issuer: IssuerRef;
  /** The Secret with the authority's certificate. */
  readonly secretName: string;

  constructor(name: string, args: AuthorityArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:secrets:Authority', name, { namespace: args.namespace }, options);
    const { namespace, partOf } = args;
    const metadata = (object: string) => ({
      name: object,
      namespace,
      labels: labels({ component: 'certificates', instance: name, partOf }),
    });
    const [root, ca] = [dnsLabel(name, 'root'), dnsLabel(name, 'ca')];
    const own = new CustomResource(
      `${name}-root`,
      { apiVersion: API_VERSION, kind: 'Issuer', metadata: metadata(root), spec: { selfSigned: {} } },
      { parent: this },
    );
    const certificate = new CustomResource(
      `${name}-ca`,
      {
        apiVersion: API_VERSION,
        kind: 'Certificate',
        metadata: metadata(ca),
        spec: {
          isCA: true,
          commonName: `${partOf} ${name}`,
          secretName: ca,
          duration: lifetime(args.lifetime ?? '3650d'),
          privateKey: { algorithm: 'ECDSA', size: 384, rotationPolicy: 'Never' },
          usages: ['cert sign', 'crl sign', 'digital signature'],
          issuerRef: { name: root, kind: 'Issuer', group: 'cert-manager.io' },
        },
      },
      { parent: this, dependsOn: own },
    );
    new CustomResource(
      `${name}-issuer`,
      { apiVersion: API_VERSION, kind: 'Issuer', metadata: metadata(name), spec: { ca: { secretName: ca } } },
      { parent: this, dependsOn: certificate },
    );
    this.issuer = { name, kind: 'Issuer' };
    this.secretName = ca;
    this.registerOutputs({});
  }
}

/** How a public authority is shown that a name is ours. */
export type Solver =
  /** A page under the name itself, on port 80, which the edge leads to the solver's pod. */
  | {
      readonly kind: 'http01';
      /**
       * The class of the Ingress that is made beside the pod. A cluster whose controller serves that class uses it; our
       * own edge needs none, and a class that nobody serves keeps others away.
       */
      readonly ingressClass: string;
    }
  /** A record in Route 53. The role is taken by the token of an account of this namespace (IRSA); no key is stored. */
  | {
      readonly kind: 'dns01';
      readonly region: string;
      readonly hostedZoneId: string;
      /** The role's ARN. It may change TXT records of that zone, and its trust names the account. */
      readonly role: string;
      /** The ServiceAccount to make, whose token is shown. cert-manager must be allowed to take it: `tokensOf`. */
      readonly account: string;
    };

export interface AcmeArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** Directory of the ACME server: `https://acme-v02.api.letsencrypt.org/directory`. */
  readonly server: string;
  /** Who is told before a certificate ends that was not renewed. */
  readonly email: string;
  readonly solver: Solver;
  /** PEM certificates that the server is checked against. @default those of the image */
  readonly trust?: string;
}

/**
 * An account with a public authority (A-TLS-1, D-ING-2, D-ING-3, D-TLS-1, E-TLS-1).
 *
 * *Cost*: Let's Encrypt limits certificates for a name in a week; its staging server hardly does, and nobody trusts it.
 * *Failure*: certificates that are there stay; a renewal is tried again with growing pauses.
 */
export class Acme extends PlatformComponent {
  readonly issuer: IssuerRef;

  constructor(name: string, args: AcmeArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:secrets:Acme', name, { server: args.server, solver: args.solver.kind }, options);
    const problems = new Problems();
    problems.require(args.server.startsWith('https://'), {
      where: 'AcmeArgs.server',
      found: shown(args.server),
      wanted: 'the https address of an ACME directory',
    });
    problems.throwIfAny(`Acme "${name}"`);
    const { namespace, partOf } = args;
    const common = labels({ component: 'certificates', instance: name, partOf });
    if (args.solver.kind === 'dns01') {
      const metadata = { name: args.solver.account, namespace, labels: common };
      new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, { parent: this });
    }
    new CustomResource(
      `${name}-issuer`,
      {
        apiVersion: API_VERSION,
        kind: 'Issuer',
        metadata: { name, namespace, labels: common },
        spec: {
          acme: {
            server: args.server,
            email: args.email,
            privateKeySecretRef: { name: dnsLabel(name, 'account') },
            ...(args.trust !== undefined && { caBundle: Buffer.from(args.trust).toString('base64') }),
            solvers: [solver(args.solver, common)],
          },
        },
      },
      { parent: this },
    );
    this.issuer = { name, kind: 'Issuer' };
    this.registerOutputs({});
  }
}

function solver(wanted: Solver, common: Record<string, string>) {
  if (wanted.kind === 'http01') {
    const { ingressClass } = wanted;
    // The pod meets Pod Security `restricted` by cert-manager's own defaults; the labels are ours.
    return { http01: { ingress: { ingressClassName: ingressClass, podTemplate: { metadata: { labels: common } } } } };
  }
  const { region, hostedZoneId, role, account } = wanted;
  return {
    dns01: {
      route53: {
        region,
        hostedZoneID: hostedZoneId,
        role,
        auth: { kubernetes: { serviceAccountRef: { name: account } } },
      },
    },
  };
}
