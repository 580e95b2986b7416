/** Everything the sandbox builds or unpacks, each as a function that gives the result's path and builds it only once. */
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { goProgram, isBuilt, type GoProgram } from './go.ts';
import versions from './versions.ts';

export { nodePackages, unpacked } from './debian.ts';
export { systemImages } from './images.ts';

/** The names the multi-call binary of `build/kube` answers to. */
export const KUBE_PROGRAMS = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
] as const;

const kubernetes = `v${versions.kubernetes}`;
const PROGRAMS = {
  kube: {
    name: 'kube',
    module: 'kube',
    stamp: {
      'k8s.io/component-base/version.gitVersion': kubernetes,
      'k8s.io/client-go/pkg/version.gitVersion': kubernetes,
    },
  },
  addons: { name: 'addons', module: 'addons' },
  localPath: {
    name: 'local-path-provisioner',
    module: 'addons',
    package: 'github.com/rancher/local-path-provisioner',
  },
  pause: { name: 'pause', module: 'addons', package: './pause' },
  minio: { name: 'minio', module: 'minio', package: 'github.com/minio/minio' },
  certManager: {
    name: 'cert-manager',
    module: 'certmanager',
    stamp: { 'github.com/cert-manager/cert-manager/pkg/util.AppVersion': `v${versions['cert-manager']}` },
  },
  pebble: { name: 'pebble', module: 'pebble', package: 'github.com/letsencrypt/pebble/v2/cmd/pebble' },
  keda: {
    name: 'keda',
    module: 'keda',
    package: 'github.com/kedacore/keda/v2/cmd/operator',
    stamp: { 'github.com/kedacore/keda/v2/version.Version': versions.keda },
    quick: true,
  },
  kedaMetrics: {
    name: 'keda-adapter',
    module: 'keda',
    package: 'github.com/kedacore/keda/v2/cmd/adapter',
    stamp: { 'github.com/kedacore/keda/v2/version.Version': versions.keda },
    quick: true,
  },
  vpaRecommender: {
    name: 'recommender',
    module: 'vpa',
    package: 'k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender',
    // Two thirds of it are KEDA's packages, too. (cert-manager's are two thirds those of `addons`: it stays as they are.)
    quick: true,
  },
  nodeExporter: {
    name: 'node_exporter',
    module: 'nodeexporter',
    package: 'github.com/prometheus/node_exporter',
    stamp: { 'github.com/prometheus/common/version.Version': versions['node-exporter'] },
  },
  compose: {
    name: 'docker-compose',
    module: 'compose',
    package: 'github.com/docker/compose/v2/cmd',
    stamp: { 'github.com/docker/compose/v2/internal.Version': `v${versions.compose}` },
  },
  cadvisor: { name: 'cadvisor', module: 'cadvisor' },
  pulumi: {
    name: 'pulumi',
    module: 'pulumi',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    stamp: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': `v${versions.pulumi}` },
  },
} as const satisfies Record<string, GoProgram>;

/** A folder with {@link KUBE_PROGRAMS} as links to one binary, to be put on PATH. About 5 minutes on two cores. */
export async function kube(): Promise<string> {
  const binary = await goProgram(PROGRAMS.kube);
  return artifact('kube-programs', keyOf(binary, ...KUBE_PROGRAMS), (dir) => {
    // Relative to where the folder will lie: beside the binary's own.
    const target = join('..', dirname(binary).split('/').at(-1)!, 'kube');
    for (const program of KUBE_PROGRAMS) symlinkSync(target, join(dir, program));
    return Promise.resolve();
  });
}

/** CoreDNS and metrics-server in one binary. About 2 minutes on two cores. */
export const addons = (): Promise<string> => goProgram(PROGRAMS.addons);

/** The provisioner of volumes on the node's own disk. Seconds after {@link addons}. */
export const localPath = (): Promise<string> => goProgram(PROGRAMS.localPath);

/** The first process of every pod. */
export const pause = (): Promise<string> => goProgram(PROGRAMS.pause);

/** The MinIO server. About 2 minutes on two cores. */
export const minio = (): Promise<string> => goProgram(PROGRAMS.minio);

/** cAdvisor, for hosts of Docker. About a minute. */
export const cadvisor = (): Promise<string> => goProgram(PROGRAMS.cadvisor);

/** cert-manager's controller, webhook, CA injector and solver in one binary. About 4 minutes on two cores. */
export const certManager = (): Promise<string> => goProgram(PROGRAMS.certManager);

/** A small ACME server, for tests. Half a minute. */
export const pebble = (): Promise<string> => goProgram(PROGRAMS.pebble);

/** KEDA's operator. Twice what Kubernetes itself takes to build, because it speaks to sixty kinds of queues. */
export const keda = (): Promise<string> => goProgram(PROGRAMS.keda);

/** KEDA's metrics server. Linked in a minute after {@link keda}. */
export const kedaMetrics = (): Promise<string> => goProgram(PROGRAMS.kedaMetrics);

/** The VerticalPodAutoscaler's recommender. A minute after what Kubernetes itself needs. */
export const vpaRecommender = (): Promise<string> => goProgram(PROGRAMS.vpaRecommender);

/** Prometheus's exporter of a machine's own figures. Half a minute. */
export const nodeExporter = (): Promise<string> => goProgram(PROGRAMS.nodeExporter);

/** Docker Compose, as it is installed on hosts. */
export const compose = (): Promise<string> => goProgram(PROGRAMS.compose);

/** The Pulumi command line, without language hosts and plugins. About 3 minutes on two cores. */
export const pulumiCli = (): Promise<string> => goProgram(PROGRAMS.pulumi);

/** Whether a Go program that every sandbox needs is still to be built, so that the machine must be able to. */
export const mustBuild = (): boolean =>
  [PROGRAMS.kube, PROGRAMS.addons, PROGRAMS.localPath, PROGRAMS.pause, PROGRAMS.minio].some((one) => !isBuilt(one));
