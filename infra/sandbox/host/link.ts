/** The cable between host and instance. It and its routes vanish with the instance's network namespace. */
import { CommandFailed, run } from './run.ts';

export interface Cable {
  /** The link on the host. */
  readonly name: string;
  /** The address of the host's end, in a network of four. */
  readonly host: string;
  /** The address of the instance's end. */
  readonly node: string;
  /** Networks that are reached through the instance. */
  readonly behind: readonly string[];
}

/** Ends once the instance can be reached: its first process is waiting for the other end. */
export async function connect({ name, host, node, behind }: Cable, pid: number): Promise<void> {
  await run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await run(['ip', 'address', 'add', `${host}/30`, 'dev', name]);
  await run(['ip', 'link', 'set', name, 'up']);
  for (const network of behind) await run(['ip', 'route', 'add', network, 'via', node]);
}

/** Removes a link whose instance died so recently that the kernel has not, or that never got its other end. */
export async function disconnect({ name }: Pick<Cable, 'name'>): Promise<void> {
  try {
    await run(['ip', 'link', 'delete', name]);
  } catch (error) {
    if (!(error instanceof CommandFailed && /Cannot find device|No such device/.test(error.output))) throw error;
  }
}

/** Names of the host's links, and the networks it has routes to (the default route left out). */
export async function hostNetworks(): Promise<{ links: Set<string>; networks: string[] }> {
  const links = JSON.parse(await run(['ip', '-json', 'link'])) as { ifname: string }[];
  const routes = JSON.parse(await run(['ip', '-json', '-4', 'route', 'show', 'table', 'all'])) as { dst: string }[];
  return {
    links: new Set(links.map(({ ifname }) => ifname)),
    networks: routes.map(({ dst }) => dst).filter((dst) => /^[0-9]/.test(dst) && dst !== '0.0.0.0/0'),
  };
}
