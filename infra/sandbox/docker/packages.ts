/** The Docker daemon's programs, out of Debian's packages. */
import { unpacked } from '../build/debian.ts';

/** Docker 20.10 with its command, containerd, runc, and what they are linked to or call. */
export const DOCKER_PACKAGES: readonly string[] = [
  ...['docker.io', 'containerd', 'runc', 'libseccomp2', 'libdevmapper1.02.1', 'tini'],
  ...['iptables', 'libip4tc2', 'libip6tc2', 'libxtables12', 'libnftnl11', 'libmnl0'],
  ...['libnetfilter-conntrack3', 'libnfnetlink0'],
];

/** The root folder with the daemon's packages (250 MB, about 15 s when it must be made). */
export const dockerPackages = (): Promise<string> => unpacked('docker-packages', DOCKER_PACKAGES);
