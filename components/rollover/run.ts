/** The half of a rollover that runs beside the engine, imported by the shell of its resource. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerClient, leaveWithTheEngine } from '../gates/index.ts';
import { converge, Undone, type Clock } from './converge.ts';
import { handOf, rest, take } from './fence.ts';
import { look, machineOf, removeContainer } from './machine.ts';
import { COLOURS, containerName, type Order } from './order.ts';

const clock: Clock = { now: () => performance.now(), sleep: (ms) => sleep(ms) };

/** What stands in the state: the order without its secrets, and what came of it. */
async function roll(order: Order): Promise<Record<string, unknown>> {
  const stay = leaveWithTheEngine();
  try {
    const client = dockerClient(order.host);
    const hand = await take(client, order);
    const log = (line: string): void => console.error(`${order.name}: ${line}`);
    try {
      const result = await converge(order, machineOf(client, order, hand), clock, hand.interrupted, log);
      await rest(client, order, hand);
      const { sealed: _sealed, ...known } = order;
      return { ...known, ...result };
    } catch (thrown) {
      // After anything but an undo it stays busy: the next one has to look at everything again.
      if (thrown instanceof Undone) await rest(client, order, hand);
      throw thrown;
    }
  } finally {
    stay();
  }
}

/** A first version that is not taken leaves nothing: the state would not know of it. */
export async function create(order: Order): Promise<{ id: string; outs: Record<string, unknown> }> {
  try {
    return { id: order.name, outs: await roll(order) };
  } catch (thrown) {
    if (thrown instanceof Undone) await remove(order.name, order);
    throw thrown;
  }
}

export const update = async (
  _id: string,
  _before: unknown,
  order: Order,
): Promise<{ outs: Record<string, unknown> }> => ({ outs: await roll(order) });

/** Removes both colours and the hand. The proxy's file goes with its volume. */
export async function remove(_id: string, order: Order): Promise<void> {
  const client = dockerClient(order.host);
  for (const colour of COLOURS) await removeContainer(client, containerName(order, colour), order.grace);
  const hand = await handOf(client, order);
  if (hand !== undefined) await removeContainer(client, hand.id, 0);
}

/** Milliseconds that a plan waits for the host before it goes by the state. */
const PLAN = 10_000;

/**
 * Whether there is something to do: by the state, or because the host is not as the state has it (a rollover was cut short,
 * the live container is gone or another). A host that does not answer leaves it to the state.
 */
export async function differs(_before: unknown, order: Order, byState: boolean): Promise<boolean> {
  if (byState || !/^[0-9a-f]{12}$/.test(order.subject)) return true;
  const client = dockerClient(order.host);
  try {
    return await Promise.race([
      (async () => {
        if ((await handOf(client, order))?.busy !== false) return true;
        const { live, colours } = await look(client, order);
        const serving = live && colours[live];
        return serving?.subject !== order.subject || !serving.running || Object.keys(colours).length !== 1;
      })(),
      sleep(PLAN, byState, { ref: false }),
    ]);
  } catch {
    return byState;
  }
}
