/** PostgreSQL, alone or with replicas that take over. Knows nothing of who connects: the stack's edges say that. */
import type * as pulumi from '@pulumi/pulumi';
import { PlatformComponent, Problems, type SecretRef, type Workload } from '../core/index.ts';
import type { ClusterRef } from '../gates/index.ts';
import type { Credentials, ServerArgs } from '../store/index.ts';
import type { ServerSettings } from './configuration.ts';
import { SQL_PORT } from './patroni.ts';
import { pooler, POOLER_PORT, type PoolerArgs } from './pooler.ts';
import { replicated } from './replicated.ts';
import { single } from './single.ts';
import type { Tls } from './tls.ts';

/**
 * The image is PostgreSQL 15's, with the TimescaleDB library when `timescaledb` is on (A-TOPO-2). With replicas it is
 * one that also holds Patroni.
 */
export interface PostgresArgs extends ServerSettings, ServerArgs {
  /** The superuser (A-ENV-7). Read when the data directory is made; changing it later changes nothing on the volume. */
  readonly user: string;
  /** The database (A-ENV-9). Read when the data directory is made, as the user is. */
  readonly database: string;
  /**
   * Members beside the leader, each with a whole copy on a volume of its own (D-HELM-3, CONF-6). With one or more, a lost
   * leader is replaced within `ttl` (20 s) and the time of an election, and each commit waits for a second member. From
   * none to some, or back, is another layout on the volume, which is refused: it takes a dump and a restore.
   * @default 0
   */
  readonly readReplicas?: number;
  /** The database's own TLS (D-SEC-1, CONF-33). Without it connections are plain. A change restarts the servers. */
  readonly tls?: Tls | undefined;
  /** PgBouncer in front of the leader (E-OPS-4). @default none */
  readonly pooler?: PoolerArgs | undefined;
  /** Where the cluster is, for what is changed through Patroni's API. @default the ambient kubeconfig's current context */
  readonly cluster?: ClusterRef;
}

/** What both forms give. */
export interface Served {
  readonly workload: Workload;
  readonly subject: pulumi.Output<string>;
  readonly auth: Credentials;
}

/**
 * PostgreSQL, its passwords in one Secret and in nothing else. The Service under its name leads to whoever may write; with
 * replicas, `<name>-read` leads to those that only read, a moment behind; with a pooler, `<name>-pooler` to PgBouncer.
 *
 * Cost: a pod and a volume a member. Failure: alone, the database is away while its pod is. With replicas, writes stop for
 * less than 30 s when the leader is lost, and while fewer than two members are there; nothing acknowledged is lost with
 * any one member. The volumes outlive the pods, and go with the namespace; so do the ConfigMaps in which Patroni remembers
 * whose database it is: new volumes under old ConfigMaps are refused by Patroni.
 */
export class Postgres extends PlatformComponent {
  readonly workload: Workload;
  readonly port = SQL_PORT;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  readonly passwordRef: SecretRef;
  /** The password, for those who must build an address of it. A secret. */
  readonly password: pulumi.Output<string>;
  /** Where an application connects: through the pooler where there is one. */
  readonly application: { readonly host: string; readonly port: number };
  /** The pooler's pods. */
  readonly pooler: { readonly workload: Workload; readonly subject: pulumi.Output<string> } | undefined;

  constructor(name: string, args: PostgresArgs, options: pulumi.ComponentResourceOptions) {
    const { timescaledb, storage, readReplicas = 0 } = args;
    const shape = { timescaledb, storage, ...(readReplicas > 0 && { readReplicas }) };
    super('platform:data:Postgres', name, shape, options);
    const problems = new Problems();
    problems.require(Number.isInteger(readReplicas) && readReplicas >= 0, {
      where: 'PostgresArgs.readReplicas',
      found: `${readReplicas}`,
      wanted: 'a whole number from 0',
    });
    problems.throwIfAny(`component ${name}`);
    const identity = { component: 'postgres', instance: name, partOf: args.partOf };
    const belonging = { ...args, identity };

    const form = readReplicas > 0 ? replicated : single;
    const { workload, subject, auth } = form(this, name, belonging, args);
    this.pooler = args.pooler && pooler(this, `${name}-pooler`, { ...args, ...args.pooler, server: name, auth });

    this.workload = workload;
    this.subject = subject;
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
    this.application = this.pooler ? { host: `${name}-pooler`, port: POOLER_PORT } : { host: name, port: SQL_PORT };
    this.registerOutputs({ subject });
  }
}
