/**
 * A program around one store and its namespace, for what the engine makes of their changes. The configuration holds the
 * arguments, so that a test changes those and not the program.
 */

/** The configuration that the program reads. */
export interface ShelfConfig {
  /** Laid over the store's arguments. */
  readonly store?: Record<string, unknown>;
  /** Laid over the namespace's. */
  readonly guard?: Record<string, unknown>;
  /** The store's container, where it is not the usual one. */
  readonly container?: Record<string, unknown>;
  /** The resource name of the store. */
  readonly name?: string;
  /** The resource name it had before, for the alias that goes with a renaming. */
  readonly formerly?: string;
}

export const configOf = ({ store = {}, guard = {}, container = {}, ...rest }: ShelfConfig = {}) => ({
  'test:shelf': { store, guard, container, ...rest },
});

/** @param image of the store's container and @param command what it does, for clusters that run it */
export const shelfProgram = (image = 'registry.k8s.io/pause:3.10', command: readonly string[] = []): string => `
import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/kubernetes/provider.js';
import { CONTAINER_SECURITY, PlatformComponent } from './components/core/index.ts';
import { Guard } from './components/guard/index.ts';
import { credentials, store } from './components/store/index.ts';

const given = new pulumi.Config().requireObject('shelf');
const { name = 'shelf', formerly } = given;
const provider = new Provider('cluster', { clusterIdentifier: 'test', upsertExistingObjects: true });
const namespace = given.guard.namespace ?? given.store.namespace ?? 'shop';
const guard = new Guard(
  'guard',
  { namespace, partOf: 'shop', podSecurityVersion: 'v1.36', places: {}, edges: [], ...given.guard },
  { provider },
);

class Shelf extends PlatformComponent {
  constructor() {
    const aliases = formerly === undefined ? [] : [{ name: formerly }];
    super('platform:data:Shelf', name, {}, { provider, dependsOn: guard, aliases });
    const args = { namespace, partOf: 'shop', storage: '1Gi', startDeadline: '60s', ...given.store };
    const identity = { component: 'shelf', instance: 'shelf', partOf: args.partOf };
    const auth = credentials(this, name, { ...args, identity }, 24, (password) => ({ password }));
    store(this, name, {
      ...args,
      identity,
      uid: 65532,
      ports: { main: 1234 },
      container: {
        name: 'shelf',
        image: ${JSON.stringify(image)},
        ${command.length > 0 ? `command: ${JSON.stringify(command)},` : ''}
        securityContext: CONTAINER_SECURITY,
        resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { cpu: '100m', memory: '16Mi' } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
        ...given.container,
      },
      volumes: [],
      grace: args.grace ?? 1,
      secrets: { key: 'key', values: auth.values },
      reads: [auth.secret],
    });
    this.registerOutputs({});
  }
}
new Shelf();
`;
