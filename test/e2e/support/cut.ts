/**
 * Cuts a pod off from every other pod, as the loss of a host's network does: what is on its way is lost, nobody is told,
 * and the pod itself runs on. Its kubelet still reaches it.
 */
import { run } from '../../../infra/sandbox/host/run.ts';
import { status } from '../../../infra/sandbox/instance.ts';
import { inside } from '../../../infra/sandbox/node/addons.ts';

/** @returns what puts the network back; twice is fine */
export async function cutOff(state: string, podIp: string): Promise<() => Promise<void>> {
  const { addresses } = (await status(state))!;
  const table = `inet cut_${podIp.replaceAll('.', '_')}`;
  const nft = (text: string): Promise<string> => run(inside(addresses, ['nft', '-f', '-']), { input: text });
  // Before the enforcer's own table, which lets through what is established.
  await nft(`table ${table} {
  chain forward {
    type filter hook forward priority -300; policy accept;
    ip saddr ${podIp} drop
    ip daddr ${podIp} drop
  }
}
`);
  return async () => {
    // Declaring a table that exists is no error, deleting one that does not exist is.
    await nft(`table ${table}\ndelete table ${table}\n`);
  };
}

/** So many packets to the cluster's DNS are lost, each by itself: what a busy network or a full table of connections does. */
const LOST = '10/minute';

export interface LostNames {
  /** Packets lost until now. */
  lost(): Promise<number>;
  heal(): Promise<void>;
}

/** Pods that ask for names now and then get no answer, and are not told. */
export async function loseNames(state: string, podIps: readonly string[]): Promise<LostNames> {
  const { addresses } = (await status(state))!;
  const table = 'inet lost_names';
  const nft = (text: string): Promise<string> => run(inside(addresses, ['nft', '-f', '-']), { input: text });
  // Before the Service's address becomes a pod's.
  await nft(`table ${table} {
  counter lost { }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    ip saddr { ${podIps.join(', ')} } udp dport 53 limit rate ${LOST} burst 1 packets counter name lost drop
  }
}
`);
  return {
    lost: async () => {
      const said = await run(inside(addresses, ['nft', '--json', 'list', 'counter', ...table.split(' '), 'lost']));
      const { nftables } = JSON.parse(said) as { nftables: { counter?: { packets: number } }[] };
      return nftables.find(({ counter }) => counter !== undefined)!.counter!.packets;
    },
    heal: async () => {
      await nft(`table ${table}\ndelete table ${table}\n`);
    },
  };
}
