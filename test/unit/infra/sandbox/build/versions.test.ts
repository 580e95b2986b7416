import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import versions from '../../../../../infra/sandbox/build/versions.ts';
import { CHECKOUT, SOURCES } from '../../../../../infra/sandbox/host/paths.ts';

const goMod = (module: string): string => readFileSync(join(SOURCES, 'build', module, 'go.mod'), 'utf8');

const MODULES: Record<string, { readonly module: string; readonly path: string; readonly version: string }> = {
  kubernetes: { module: 'kube', path: 'k8s.io/kubernetes', version: versions.kubernetes },
  coredns: { module: 'addons', path: 'github.com/coredns/coredns', version: versions.coredns },
  'metrics-server': { module: 'addons', path: 'sigs.k8s.io/metrics-server', version: versions['metrics-server'] },
  'local-path-provisioner': {
    module: 'addons',
    path: 'github.com/rancher/local-path-provisioner',
    version: versions['local-path-provisioner'],
  },
  minio: { module: 'minio', path: 'github.com/minio/minio', version: versions.minio },
  'cert-manager': {
    module: 'certmanager',
    path: 'github.com/cert-manager/cert-manager',
    version: versions['cert-manager'],
  },
  pebble: { module: 'pebble', path: 'github.com/letsencrypt/pebble/v2', version: versions.pebble },
  keda: { module: 'keda', path: 'github.com/kedacore/keda/v2', version: versions.keda },
  'vertical-pod-autoscaler': {
    module: 'vpa',
    path: 'k8s.io/autoscaler/vertical-pod-autoscaler',
    version: versions['vertical-pod-autoscaler'],
  },
  'node-exporter': {
    module: 'nodeexporter',
    path: 'github.com/prometheus/node_exporter',
    version: versions['node-exporter'],
  },
  compose: { module: 'compose', path: 'github.com/docker/compose/v2', version: versions.compose },
  cadvisor: { module: 'cadvisor', path: 'github.com/google/cadvisor', version: versions.cadvisor },
  pulumi: { module: 'pulumi', path: 'github.com/pulumi/pulumi/pkg/v3', version: versions.pulumi },
};

for (const [name, { module, path, version }] of Object.entries(MODULES)) {
  test(`${name} is built at the version of versions.json, and its checksum is committed`, () => {
    const required = goMod(module)
      .split('\n')
      .map((line) => line.trim().split(' '))
      .find((words) => words[0] !== 'tool' && words.includes(path));
    assert.equal(required?.[required.indexOf(path) + 1], `v${version}`);
    const sums = readFileSync(join(SOURCES, 'build', module, 'go.sum'), 'utf8').split('\n');
    assert.ok(sums.some((line) => line.startsWith(`${path} v${version} h1:`)));
  });
}

test('every library of Kubernetes that is built in is of the cluster’s own release', () => {
  const replaced = [...goMod('kube').matchAll(/^replace (k8s\.io\/\S+) => (\S+) v(\S+)$/gm)];
  assert.ok(replaced.length > 20, 'the staging modules are not replaced');
  for (const [, from, to, version] of replaced) {
    assert.equal(from, to);
    assert.equal(`1.${version!.replace(/^0\./, '')}`, versions.kubernetes);
  }
});

test('the Pulumi CLI and the SDK of the program are of one version', () => {
  const { dependencies } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  assert.equal(dependencies['@pulumi/pulumi'], versions.pulumi);
});

test('Node is pinned with the integrity hash of its package', () => {
  assert.match(versions.node.version, /^\d+\.\d+\.\d+$/);
  assert.match(versions.node.integrity, /^sha512-[A-Za-z0-9+/]{86}==$/);
});
