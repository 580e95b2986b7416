/**
 * Debian packages, downloaded and checked by apt's own signatures and unpacked into the cache. Nothing is installed, and
 * apt works in folders of its own: the host's package lists may be stale or missing, and stay as they are.
 */
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { run } from '../host/run.ts';
import versions from './versions.ts';

/** What a node needs beyond the host's own tools, with the libraries these programs are linked to. */
export const NODE_PACKAGES: readonly string[] = [
  ...['etcd-server', 'containerd', 'runc', 'libseccomp2', 'containernetworking-plugins'],
  ...['conntrack', 'libnetfilter-conntrack3', 'libnfnetlink0', 'iptables', 'libip4tc2', 'libip6tc2', 'libxtables12'],
  ...['nftables', 'libnftables1', 'libnftnl11', 'libmnl0', 'libjansson4', 'libedit2', 'libbsd0', 'libgmp10'],
];

/**
 * The entries of apt's sources that serve a release: suites named after it, alone or with a suffix (`-updates`,
 * `-security`). Other people's repositories on the host are left out, so that one of them being away stops nothing.
 *
 * @param text a `.list` file or, with `deb822`, a `.sources` file
 */
export function sourcesOf(release: string, text: string, deb822: boolean): string[] {
  const serves = (suite: string): boolean => suite === release || suite.startsWith(`${release}-`);
  if (!deb822) {
    return text.split('\n').filter((line) => {
      const [, suite] = /^deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)/.exec(line) ?? [];
      return suite !== undefined && serves(suite);
    });
  }
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .map((stanza) => stanza.trim())
    .filter((stanza) => {
      const field = (name: string): string[] =>
        new RegExp(`^${name}:(.*(?:\n[ \t].*)*)`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
      return field('Types').includes('deb') && field('Enabled')[0] !== 'no' && field('Suites').some(serves);
    });
}

/** Writes a private configuration of apt, which takes the host's sources for the release, keys, and ways out (proxies). */
export async function aptConfiguration(dir: string, release: string): Promise<string> {
  const parts = join(dir, 'sources');
  mkdirSync(parts);
  for (const file of globSync('/etc/apt/{sources.list,sources.list.d/*.list,sources.list.d/*.sources}')) {
    const deb822 = file.endsWith('.sources');
    const entries = sourcesOf(release, readFileSync(file, 'utf8'), deb822);
    const name = `${readdirSync(parts).length}.${deb822 ? 'sources' : 'list'}`;
    if (entries.length) writeFileSync(join(parts, name), `${entries.join('\n\n')}\n`);
  }
  if (!readdirSync(parts).length) {
    throw new Error(
      `/etc/apt/sources.list and sources.list.d: found no entry for Debian ${release}, whose packages the node is made of. ` +
        `Add a "deb" entry with the suite ${release}, then try again.`,
    );
  }
  for (const folder of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'status'), '');
  const file = join(dir, 'apt.conf');
  const acquire = await run(['apt-config', 'dump', 'Acquire', 'APT::Architecture'], { env: { LC_ALL: 'C' } });
  const own = {
    'Dir::State': `${dir}/state`,
    'Dir::State::status': `${dir}/status`,
    'Dir::Cache': `${dir}/cache`,
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': parts,
    // The host's hooks tidy up the host's folders after an update: not wanted here.
    'Dir::Etc::Parts': '/dev/null',
    'Dir::Etc::Main': '/dev/null',
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  const lines = Object.entries(own).map(([key, value]) => `${key} "${value}";`);
  writeFileSync(file, `${acquire}\n#clear Acquire::Languages;\n${lines.join('\n')}\n`);
  return file;
}

const environment = (config: string): Record<string, string> => ({
  APT_CONFIG: config,
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
});

/** Asks the release's repositories for their lists, and forgets the answer. Throws what apt says where one is away. */
export async function askRepositories(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'platform-apt-'));
  try {
    const env = environment(await aptConfiguration(work, versions.debian));
    await run(['apt-get', '-q', '--error-on=any', 'update'], { env, timeout: 60_000 });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** On a system with a merged /usr, what a package ships in /lib belongs into /usr/lib. */
async function merge(root: string): Promise<void> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    const from = join(root, folder);
    if (!existsSync(from)) continue;
    mkdirSync(join(root, 'usr', folder), { recursive: true });
    await run(['cp', '-a', `${from}/.`, join(root, 'usr', folder)]);
    rmSync(from, { recursive: true });
  }
}

/** The folder into which packages are unpacked, for people and programs that need files of a few Debian packages. */
export function unpacked(name: string, packages: readonly string[]): Promise<string> {
  const release = versions.debian;
  return artifact(name, keyOf(release, ...packages), async (dir) => {
    const work = join(dir, '.apt');
    mkdirSync(work);
    const env = environment(await aptConfiguration(work, release));
    await run(['apt-get', '-q', '--error-on=any', 'update'], { env });
    await run(['apt-get', '-q', 'download', ...packages], { env, cwd: work });
    const archives = readdirSync(work).filter((file) => file.endsWith('.deb'));
    for (const archive of archives) await run(['dpkg-deb', '-x', join(work, archive), dir]);
    await merge(dir);
    for (const bulk of ['doc', 'man', 'locale', 'lintian']) {
      rmSync(join(dir, 'usr/share', bulk), { recursive: true, force: true });
    }
    // Which versions these are, for those who ask later.
    writeFileSync(join(dir, 'packages.txt'), `${archives.sort().join('\n')}\n`);
    rmSync(work, { recursive: true });
  });
}

/** The root folder with the node's packages (174 MB, about 15 s when it must be made). */
export const nodePackages = (): Promise<string> => unpacked('node-packages', NODE_PACKAGES);
