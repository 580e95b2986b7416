import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { splitStart } from '../../../../components/edge/split.ts';
import { Edge, type EdgeArgs } from '../../../../components/edge/index.ts';
import { named, planned, podOf, type Made } from '../../support/mocks.ts';
import { API, ARGS, FILES } from './support/settings.ts';

const plan = (change: Partial<EdgeArgs> = {}) => planned(() => new Edge('edge', { ...ARGS, ...change }, {}));
const object = (made: readonly Made[], name: string) =>
  named(made, name).inputs as {
    metadata: { name: string; annotations?: Record<string, string> };
    spec: Record<string, unknown>;
  };
const files = (made: readonly Made[]) =>
  made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs['data'] as Record<string, string>;
const spec = (made: readonly Made[]) => podOf(named(made, 'edge-deployment')).spec;
const subject = (made: readonly Made[]) =>
  podOf(named(made, 'edge-deployment')).metadata.annotations['platform/subject'];

test('the pod starts without its certificates, and reads them where nginx looks', async () => {
  const { volumes, containers } = spec(await plan());
  const volume = volumes.find(({ secret }) => secret !== undefined);
  assert.deepEqual(volume, {
    name: 'certificate-0',
    secret: {
      secretName: 'edge-tls',
      optional: true,
      defaultMode: 0o440,
      items: [
        { key: 'tls.crt', path: 'tls.crt' },
        { key: 'tls.key', path: 'tls.key' },
      ],
    },
  });
  const mounts = (containers[0] as unknown as { volumeMounts: { name: string; mountPath: string }[] }).volumeMounts;
  assert.equal(mounts.find(({ name }) => name === 'certificate-0')?.mountPath, '/run/edge/edge-tls');
  assert.match(files(await plan())['nginx.conf']!, /\/run\/edge\/edge-tls\/tls\.crt/);
});

test('hosts that share a Secret share a volume, and hosts without one have none', async () => {
  const shared = await plan({ sites: [API, { ...FILES, tls: { secretName: 'edge-tls' } }] });
  assert.equal(spec(shared).volumes.filter(({ secret }) => secret).length, 1);
  const clear = await plan({ sites: [FILES] });
  assert.equal(spec(clear).volumes.filter(({ secret }) => secret).length, 0);
  const ports = object(clear, 'edge-service').spec['ports'] as { name: string }[];
  assert.deepEqual(
    ports.map(({ name }) => name),
    ['http'],
  );
});

test('the authority of an upstream has to be there: nginx reads it when it starts', async () => {
  const made = await plan({ sites: [{ ...FILES, upstream: { ...FILES.upstream, tls: { secretName: 'minio-tls' } } }] });
  const { secret } = spec(made).volumes.find(({ name }) => name === 'authority-0')!;
  assert.deepEqual(secret, {
    ...{ secretName: 'minio-tls', optional: false, defaultMode: 0o440 },
    items: [{ key: 'ca.crt', path: 'ca.crt' }],
  });
});

test('nginx runs as itself: no shell, no entrypoint of the image, a root nobody writes to', async () => {
  const [container] = spec(await plan()).containers as unknown as [Record<string, never>];
  assert.deepEqual(container['command'], [
    'nginx',
    '-e',
    '/dev/stderr',
    '-c',
    '/etc/edge/nginx.conf',
    '-g',
    'daemon off;',
  ]);
  assert.equal(container['args'], undefined);
  assert.equal(
    (container['securityContext'] as unknown as { readOnlyRootFilesystem: boolean }).readOnlyRootFilesystem,
    true,
  );
  assert.equal(spec(await plan()).securityContext.runAsUser, 101);
  assert.equal(spec(await plan()).automountServiceAccountToken, false);
});

test('a leaving pod serves on while load balancers notice, and has time for what it holds', async () => {
  const pod = spec(await plan({ drain: '20s' })) as unknown as {
    terminationGracePeriodSeconds: number;
    containers: [{ lifecycle: object }];
  };
  assert.deepEqual(pod.containers[0].lifecycle, { preStop: { sleep: { seconds: 20 } } });
  assert.ok(pod.terminationGracePeriodSeconds > 20 + 30);
});

test('the Service finds the pods by what no release changes; the solvers are found by cert-manager’s label, all of them', async () => {
  const made = await plan();
  assert.deepEqual(object(made, 'edge-service').spec['selector'], {
    'app.kubernetes.io/name': 'edge',
    'app.kubernetes.io/instance': 'edge',
  });
  const solver = object(made, 'edge-acme-solver');
  assert.equal(solver.metadata.name, 'acme-solver');
  assert.deepEqual(solver.spec, {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: { 'acme.cert-manager.io/http01-solver': 'true' },
    ports: [{ name: 'http', port: 8089, targetPort: 8089 }],
  });
});

test('with two pods a drain takes one at a time; with one, no budget stands in a drain’s way', async () => {
  assert.equal(object(await plan(), 'edge-disruptions').spec['maxUnavailable'], 1);
  assert.throws(() => named([], 'edge-disruptions'));
  assert.ok(!(await plan({ replicas: 1 })).some(({ name }) => name === 'edge-disruptions'));
});

test('the files of the firewall are there with it, and not without', async () => {
  assert.deepEqual(Object.keys(files(await plan())).toSorted(), ['modsecurity.conf', 'nginx.conf']);
  assert.match(files(await plan())['modsecurity.conf']!, new RegExp(`SecRequestBodyLimit ${10 * 2 ** 20}\n`));
  assert.deepEqual(Object.keys(files(await plan({ firewall: undefined }))), ['nginx.conf']);
});

test('another configuration is another subject; another order of the hosts is the same one', async () => {
  const before = subject(await plan());
  assert.notEqual(subject(await plan({ rateLimit: { perSecond: 51, burst: 100 } })), before);
  assert.equal(subject(await plan({ sites: [FILES, API] })), before);
});

test('where an upstream has sides, a pod starts with the shares that hold, and takes others while it runs', async () => {
  const sides = { blue: 'api-blue', green: 'api-green', split: 'api-split' };
  const sites = [{ ...API, upstream: { ...API.upstream, sides } }, FILES];
  const pod = spec(await plan({ sites })) as any;
  const [init] = pod.initContainers;
  assert.deepEqual(init.command.slice(0, 2), ['sh', '-c']);
  assert.equal(init.image, ARGS.image.reference);
  assert.equal(init.securityContext.readOnlyRootFilesystem, true);
  const mounted = ({ volumeMounts }: any): string[] => volumeMounts.map(({ mountPath }: any) => mountPath);
  assert.deepEqual(mounted(init), ['/run/split-start/api-split', '/run/split']);
  const [nginx] = pod.containers;
  assert.ok(['/run/split', '/run/split-access/api-split'].every((path) => mounted(nginx).includes(path)));
  assert.ok(nginx.ports.some(({ name, containerPort }: any) => name === 'split' && containerPort === 8083));
  const volume = (name: string) => pod.volumes.find((one: any) => one.name === name);
  assert.deepEqual(volume('split-start-0').configMap, { name: 'api-split', optional: true });
  const { secretName, optional, items } = volume('split-access-0').secret;
  assert.deepEqual([secretName, optional, items], ['api-split', true, [{ key: 'htpasswd', path: 'htpasswd' }]]);
  const undivided = spec(await plan()) as any;
  assert.deepEqual([undivided.initContainers, undivided.containers[0].ports.length], [undefined, 4]);
});

test('what a pod starts with becomes a file for each bucket, whatever a mounted ConfigMap has beside them', () => {
  const root = mkdtempSync(join(tmpdir(), 'split-'));
  mkdirSync(join(root, 'start/api-split/..data'), { recursive: true });
  mkdirSync(join(root, 'start/empty'));
  mkdirSync(join(root, 'split'));
  for (const bucket of ['0', '42']) writeFileSync(join(root, 'start/api-split', bucket), 'green');
  const script = splitStart()
    .replaceAll('/run/split-start', join(root, 'start'))
    .replaceAll('/run/split', join(root, 'split'));
  execFileSync('sh', ['-c', script]);
  assert.deepEqual(readdirSync(join(root, 'split/api-split')).toSorted(), ['0', '42']);
  assert.deepEqual(readdirSync(join(root, 'split/empty')), []);
  rmSync(root, { recursive: true });
});

test('a second edge stands beside the first', async () => {
  const names = (await planned(() => new Edge('inner', ARGS, {}))).map(({ name }) => name);
  assert.ok(
    names.every((name) => name === 'inner' || name.startsWith('inner-')),
    names.join(),
  );
});

test('the name of its load balancer is that in the status of its Service', async () => {
  const nlb = { scheme: 'internal', awaited: true } as const;
  let name: string | undefined;
  await planned(
    () => {
      const exposure = { kind: 'loadBalancer', clients: ['10.0.0.0/8'], nlb } as const;
      new Edge('edge', { ...ARGS, exposure }, {}).hostname.apply((told) => (name = told));
    },
    {
      'kubernetes:core/v1:Service': () => ({
        status: { loadBalancer: { ingress: [{ hostname: 'nlb.example.com' }] } },
      }),
    },
  );
  assert.equal(name, 'nlb.example.com');
});
