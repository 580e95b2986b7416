/** What must be true of this machine before anything is built or started. All that is not is reported at once. */

/** What a look at the machine found; see probe.ts. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  readonly uid: number;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Free bytes where the cache and the state lie, by folder. */
  readonly freeBytes: Readonly<Record<string, number>>;
  /** File systems the kernel knows, from /proc/filesystems. */
  readonly filesystems: ReadonlySet<string>;
  /** Namespaces the kernel has, from /proc/self/ns. */
  readonly namespaces: ReadonlySet<string>;
  /** The controllers of the host's control groups. */
  readonly controllers: ReadonlySet<string>;
  /** Programs of {@link TOOLS} and {@link BUILDERS} that are on PATH. */
  readonly tools: ReadonlySet<string>;
  /** `go version`'s number, or undefined without Go. */
  readonly go: string | undefined;
  /** Whether something must still be fetched or built. */
  readonly mustBuild: boolean;
  /** Registries that did not answer, with the reason; asked only if something must be fetched. */
  readonly unreachable: Readonly<Record<string, string>>;
}

export interface Problem {
  readonly found: string;
  readonly remedy: string;
}

const GiB = 2 ** 30;
const CORES = 2;
const MEMORY = 6 * GiB;
/** For the cache and the compilers' own caches, beside the state. */
const DISK = 15 * GiB;
const GO = '1.26';

/** Programs of the host by the Debian package that brings each. The node's own come out of the cache. */
export const TOOLS: Readonly<Record<string, string>> = {
  bash: 'bash',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  flock: 'util-linux',
  pivot_root: 'util-linux',
  mount: 'mount',
  openssl: 'openssl',
  hostname: 'hostname',
};

/** Programs that are needed only to build. */
export const BUILDERS: Readonly<Record<string, string>> = {
  'apt-get': 'apt',
  'apt-config': 'apt',
  'dpkg-deb': 'dpkg',
};

const NAMESPACES = ['net', 'mnt', 'pid', 'cgroup', 'ipc', 'uts'];
const CONTROLLERS = ['cpu', 'memory', 'pids'];
const ELSEWHERE =
  'To use a cluster you have instead, with your own Pulumi: `npm ci && pulumi stack init local && make image CLUSTER=kind && pulumi up -s local`; it deploys to the current kube context. See README.md.';

const inGiB = (bytes: number): string => `${(bytes / GiB).toFixed(1)} GiB`;

/** Whether dotted numbers are at least as new as others: `1.26.3` and `1.26`. */
export function atLeast(version: string, wanted: string): boolean {
  const [has, wants] = [version, wanted].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  for (const [at, want] of wants!.entries()) {
    const part = has![at] ?? 0;
    if (part !== want) return part > want;
  }
  return true;
}

function software({ tools, mustBuild, go }: Machine): Problem[] {
  const needed = Object.entries({ ...TOOLS, ...(mustBuild && BUILDERS) });
  const missing = needed.filter(([tool]) => !tools.has(tool));
  const packages = [...new Set(missing.map(([, name]) => name))];
  const problems: Problem[] = [];
  if (missing.length) {
    problems.push({
      found: `not on PATH: ${missing.map(([tool]) => tool).join(', ')}`,
      remedy: `apt-get install ${packages.join(' ')}`,
    });
  }
  if (mustBuild && (go === undefined || !atLeast(go, GO))) {
    problems.push({
      found: go === undefined ? 'Go is not on PATH' : `Go ${go}`,
      remedy: `install Go ${GO} or newer (Debian's own is too old) and put its bin folder on PATH`,
    });
  }
  return problems;
}

function kernel({ namespaces, filesystems, controllers }: Machine): Problem[] {
  const lacking = [
    ...NAMESPACES.filter((name) => !namespaces.has(name)).map((name) => `${name} namespaces`),
    ...(filesystems.has('overlay') ? [] : ['overlay file systems']),
    ...CONTROLLERS.filter((name) => !controllers.has(name)).map((name) => `the ${name} cgroup controller`),
  ];
  if (!lacking.length) return [];
  return [
    {
      found: `the kernel offers no ${lacking.join(', no ')}`,
      remedy: `boot a kernel that has them (modprobe overlay, if it is a module); inside a container, run on the host instead. ${ELSEWHERE}`,
    },
  ];
}

function room({ cores, memoryBytes, freeBytes, mustBuild }: Machine): Problem[] {
  const problems: Problem[] = [];
  if (cores < CORES) problems.push({ found: `${cores} core`, remedy: `give this machine ${CORES} or more` });
  if (memoryBytes < MEMORY) {
    problems.push({
      found: `${inGiB(memoryBytes)} of memory`,
      remedy: `give this machine ${inGiB(MEMORY)} or more`,
    });
  }
  // Once everything is built, what is left to grow is the state: images unpacked, volumes, logs.
  const wanted = mustBuild ? DISK : DISK / 3;
  for (const [folder, bytes] of Object.entries(freeBytes)) {
    if (bytes >= wanted) continue;
    problems.push({
      found: `${inGiB(bytes)} free at ${folder}`,
      remedy: `free ${inGiB(wanted)}, or set PLATFORM_CACHE and PLATFORM_SANDBOX to folders with more room`,
    });
  }
  return problems;
}

/** Everything about the machine that would stop the sandbox, each with what to do; empty where nothing would. */
export function judge(machine: Machine): Problem[] {
  if (machine.platform !== 'linux' || machine.architecture !== 'x64') {
    // The other findings would be noise: they describe a system the sandbox is not for.
    return [
      {
        found: `${machine.platform} on ${machine.architecture}: the sandbox is Linux namespaces on x86_64`,
        remedy: ELSEWHERE,
      },
    ];
  }
  const problems: Problem[] = [];
  if (machine.uid !== 0) {
    problems.push({
      found: `user ${machine.uid} is not root, who alone may make network namespaces, mounts and control groups`,
      remedy: `run it as root (sudo env "PATH=$PATH" make up). ${ELSEWHERE}`,
    });
  }
  problems.push(...software(machine), ...kernel(machine), ...room(machine));
  for (const [registry, reason] of Object.entries(machine.unreachable)) {
    problems.push({
      found: `${registry} cannot be reached: ${reason}`,
      remedy: 'check the network, or the proxy and mirror settings of npm, Go and apt; what was fetched before is kept',
    });
  }
  return problems;
}

/** The report that a person reads. */
export function report(problems: readonly Problem[]): string {
  const lines = problems.map(({ found, remedy }) => `  - ${found}\n    → ${remedy}`);
  return `this machine is not ready for the sandbox:\n${lines.join('\n')}`;
}
