/** What the members of a Patroni cluster agree on, as a resource that converges: changed through Patroni's own API. */
import type * as pulumi from '@pulumi/pulumi';
import { ShelledResource, type ClusterRef, type SecretKeyRef, type WorkloadTarget } from '../gates/index.ts';
import type { Agreed } from './patroni.ts';

/** What stands in the state; no credential, only where it is. */
export interface ClusterConfigurationInputs {
  readonly cluster: ClusterRef;
  /** The members and their REST port; reached by port-forwards. */
  readonly target: WorkloadTarget;
  /** The password of the REST API. */
  readonly password: SecretKeyRef;
  /** The whole of it: what is not stated is taken back, except that somebody has paused the cluster. */
  readonly configuration: Agreed;
  /** How many members there are to be asked. */
  readonly members: number;
}

export interface ClusterConfigurationArgs extends ClusterConfigurationInputs {
  /** The digest of the members. When it changes, they are looked after again. */
  readonly subject: pulumi.Input<string>;
}

/**
 * The agreed configuration of one cluster. `bootstrap` states it for the first start only, after which Patroni keeps it
 * in the Kubernetes API: without this resource a later change would be in the plan and nowhere else.
 *
 * A parameter that PostgreSQL reads at its start restarts members, one after the other, the leader last: writes stop for
 * the seconds of its restart. What somebody changed by hand is found by `pulumi refresh` and put right by the next `up`.
 * Destroying the resource leaves the configuration as it is.
 */
export class ClusterConfiguration extends ShelledResource {
  constructor(name: string, args: ClusterConfigurationArgs, options: pulumi.CustomResourceOptions) {
    const runner = 'components/postgres/run.ts';
    const outputs = ['restarted'];
    super(
      { folder: 'postgres', type: 'ClusterConfiguration', runner, outputs, reads: true },
      name,
      { ...args },
      options,
    );
  }
}
