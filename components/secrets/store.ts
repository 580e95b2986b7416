/** Where values are kept, and how the operator signs in there: without a password, by the token of an account. */
import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { labels, PlatformComponent, unreachable } from '../core/index.ts';

export const API_VERSION = 'external-secrets.io/v1';

/** AWS Secrets Manager (A-SEC-3). The account has a role at AWS, which EKS calls IRSA. */
export interface AwsSecretsManager {
  readonly kind: 'aws';
  readonly region: string;
  /** The ARN of a role that may `secretsmanager:GetSecretValue` of the entries that are read, and nothing else. */
  readonly role: pulumi.Input<string>;
}

/** A key-value engine of version 2 of HashiCorp Vault (A-SEC-4, D-VAULT-7), signed in to by Kubernetes (D-VAULT-8). */
export interface Vault {
  readonly kind: 'vault';
  /** `https://host[:port]` */
  readonly server: string;
  /** Where the engine is mounted: `secret`. */
  readonly engine: string;
  /** Where the authentication is mounted: `kubernetes`. */
  readonly authentication: string;
  /** A role there, bound to the account and to the audience `vault`, whose policy reads the entries and nothing else. */
  readonly role: string;
  /** The Secret of this namespace whose `ca.crt` signed the server's certificate. Left out: a public authority did. */
  readonly authority?: string | undefined;
}

export type Manager = AwsSecretsManager | Vault;

export interface SecretStoreArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** What to call the account: whoever grants it its role names it, and another name needs another grant. */
  readonly account: string;
  readonly manager: Manager;
}

/** Whom a token for Vault is made out to. The API server itself takes no such token. */
const AUDIENCE = 'vault';

/**
 * A SecretStore and its account (A-SEC-2, D-K8S-5, D-K8S-6).
 *
 * Needs the External Secrets Operator in the cluster. *Failure*: without a way to the store, what has been read stays.
 */
export class SecretStore extends PlatformComponent {
  /** The account whose tokens the operator shows; it needs the right to ask for them. No pod runs as it. */
  readonly account: string;
  /** How ExternalSecrets of the namespace name it. */
  readonly reference: { readonly kind: 'SecretStore'; readonly name: string };

  constructor(name: string, args: SecretStoreArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:secrets:SecretStore', name, { namespace: args.namespace, manager: args.manager.kind }, options);
    const { namespace, partOf, manager } = args;
    const metadata = { namespace, labels: labels({ component: 'secrets', instance: name, partOf }) };
    const account = new ServiceAccount(
      `${name}-account`,
      {
        metadata: {
          ...{ ...metadata, name: args.account },
          ...(manager.kind === 'aws' && { annotations: { 'eks.amazonaws.com/role-arn': manager.role } }),
        },
        automountServiceAccountToken: false,
      },
      { parent: this },
    );
    new CustomResource(
      `${name}-manager`,
      {
        apiVersion: API_VERSION,
        kind: 'SecretStore',
        metadata: { ...metadata, name },
        spec: { provider: provider(manager, args.account) },
      },
      { parent: this, dependsOn: account },
    );
    this.account = args.account;
    this.reference = { kind: 'SecretStore', name };
    this.registerOutputs({});
  }
}

function provider(manager: Manager, account: string): object {
  switch (manager.kind) {
    case 'aws':
      return {
        aws: {
          service: 'SecretsManager',
          region: manager.region,
          auth: { jwt: { serviceAccountRef: { name: account } } },
        },
      };
    case 'vault': {
      const { server, engine, authentication, role, authority } = manager;
      return {
        vault: {
          ...{ server, path: engine, version: 'v2' },
          ...(authority !== undefined && { caProvider: { type: 'Secret', name: authority, key: 'ca.crt' } }),
          auth: {
            kubernetes: {
              mountPath: authentication,
              role,
              serviceAccountRef: { name: account, audiences: [AUDIENCE] },
            },
          },
        },
      };
    }
    default:
      return unreachable(manager);
  }
}
