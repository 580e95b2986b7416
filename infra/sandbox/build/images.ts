/** The images of the cluster's own pods: a static binary each, under the reference and at the path of the public image. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import {
  imageArchives,
  layerArchive,
  type Image,
  type ImageArchive,
  type ImageConfig,
  type LayerEntry,
} from '../images/archive.ts';
import { unpacked } from './debian.ts';
import { addons, localPath, pause } from './index.ts';
import versions from './versions.ts';

/** References as the add-ons' manifests name them. */
export const IMAGES = {
  pause: `registry.k8s.io/pause:${versions.pause}`,
  coredns: `registry.k8s.io/coredns/coredns:v${versions.coredns}`,
  metricsServer: `registry.k8s.io/metrics-server/metrics-server:v${versions['metrics-server']}`,
  localPath: `docker.io/rancher/local-path-provisioner:v${versions['local-path-provisioner']}`,
  busybox: `docker.io/library/busybox:${versions.busybox}`,
} as const;

const APPLETS = ['sh', 'mkdir', 'rm', 'chmod', 'chown', 'cat', 'ls', 'sleep', 'nc', 'nslookup', 'echo', 'date', 'id'];

interface Parts {
  readonly layer: Readonly<Record<string, LayerEntry>>;
  readonly images: readonly { readonly ref: string; readonly config: ImageConfig }[];
}

async function parts(): Promise<Parts[]> {
  const [binary, provisioner, pauseBinary] = [await addons(), await localPath(), await pause()];
  const busybox = join(await unpacked('busybox', ['busybox-static']), 'usr/bin/busybox');
  const only = (path: string, file: string, ref: string, config: ImageConfig): Parts => ({
    layer: { [path]: { file } },
    images: [{ ref, config: { entrypoint: [path], ...config } }],
  });
  return [
    only('/pause', pauseBinary, IMAGES.pause, { user: '65535:65535' }),
    only('/usr/bin/local-path-provisioner', provisioner, IMAGES.localPath, {}),
    {
      // One layer for both: the binary is the same.
      layer: { '/addons': { file: binary }, '/coredns': { link: 'addons' }, '/metrics-server': { link: 'addons' } },
      images: [
        { ref: IMAGES.coredns, config: { entrypoint: ['/coredns'], user: '65532:65532', ports: [53] } },
        { ref: IMAGES.metricsServer, config: { entrypoint: ['/metrics-server'], user: '65534' } },
      ],
    },
    {
      layer: {
        '/bin/busybox': { file: busybox },
        '/tmp': { folder: true, mode: 0o1777 },
        ...Object.fromEntries(APPLETS.map((applet) => [`/bin/${applet}`, { link: 'busybox' }])),
      },
      images: [{ ref: IMAGES.busybox, config: { command: ['sh'] } }],
    },
  ];
}

/** One archive with pause, CoreDNS, metrics-server, the volume provisioner and its helper. A few seconds, once. */
export async function systemImages(): Promise<ImageArchive[]> {
  const all = await parts();
  const dir = await artifact('system-images', keyOf(JSON.stringify(all)), async (out) => {
    const images: Image[] = [];
    for (const [index, { layer, images: named }] of all.entries()) {
      const file = join(out, `layer${index}.tar`);
      await layerArchive(layer, file);
      images.push(...named.map((image) => ({ ...image, layers: [file] })));
    }
    const archives = await imageArchives(images, join(out, 'images.tar'));
    writeFileSync(join(out, 'images.json'), JSON.stringify(archives.map(({ ref, id }) => ({ ref, id }))));
    for (const file of new Set(images.flatMap(({ layers }) => layers))) rmSync(file);
  });
  const listed = JSON.parse(readFileSync(join(dir, 'images.json'), 'utf8')) as Pick<ImageArchive, 'ref' | 'id'>[];
  return listed.map((image) => ({ ...image, archive: join(dir, 'images.tar') }));
}
