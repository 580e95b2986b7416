/**
 * Runs inside an instance before its kubelet: takes back the `Ready` that an earlier boot left in etcd, from the node and
 * from every pod, so that nobody waiting for them is told yesterday's news. The kubelet sets them again when it is true.
 */
import { clientOf } from './client.ts';

interface Item {
  metadata: { name: string; namespace?: string };
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
}

const client = clientOf(process.argv[2]!);
const stale = (types: readonly string[], status: string): object => ({
  status: {
    conditions: types.map((type) => ({ type, status, reason: 'Booting', message: 'the sandbox was started again' })),
  },
});
const says = ({ status }: Item, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const nodes = await client.get<{ items: Item[] }>('/api/v1/nodes', 10_000);
const pods = await client.get<{ items: Item[] }>('/api/v1/pods', 10_000);
await Promise.all([
  ...nodes.items
    .filter((node) => says(node, 'Ready'))
    .map(({ metadata }) => client.patch(`/api/v1/nodes/${metadata.name}/status`, stale(['Ready'], 'Unknown'))),
  ...pods.items
    .filter((pod) => says(pod, 'Ready'))
    .map(({ metadata: { namespace, name } }) =>
      client.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, stale(['Ready', 'ContainersReady'], 'False')),
    ),
]);
