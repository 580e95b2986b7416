import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCluster } from '../../../../components/gates/index.ts';

const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'made',
  clusters: [{ name: 'made', cluster: { server: 'https://made.example.com' } }],
  users: [
    { name: 'made', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args: [] } } },
  ],
  contexts: [{ name: 'made', context: { cluster: 'made', user: 'made' } }],
});

/** With no kubeconfig around that could be taken instead. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = '/nonexistent/kubeconfig';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  }
}

test('a kubeconfig that a stack has made is the cluster, whatever the ambient one says', async () => {
  const { config } = await alone(() => openCluster({ kubeconfig }));
  assert.equal(config.getCurrentCluster()?.server, 'https://made.example.com');
});

test('a context that the kubeconfig does not have is refused with those that it has', async () => {
  await assert.rejects(
    alone(() => openCluster({ kubeconfig, context: 'other' })),
    /no context "other"; it has made$/,
  );
});
