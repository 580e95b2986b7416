/**
 * Who may act. A rollover has one container that is never started, the hand: it holds the volume that the proxy's files lie
 * in, so that these can be read and written without the proxy; its name says whether a rollover is under way; and since a name
 * can be had once, whoever makes it is alone.
 *
 *     <name>-rollover        at rest
 *     <name>-rollover-busy   under way, by whoever knows its id; after a kill it stays, and the next takes its place
 */
import { SUBJECT } from '../core/index.ts';
import { DockerSaid, type DockerClient } from '../gates/index.ts';
import { Overtaken } from './converge.ts';
import type { Order } from './order.ts';

/** Where the hand sees the volume. */
export const FOLDER = '/upstreams';

export type Hand = { readonly id: string; readonly busy: boolean };

type Named = Pick<Order, 'name'>;
const restName = ({ name }: Named): string => `${name}-rollover`;
const busyName = (order: Named): string => `${restName(order)}-busy`;

const orNothing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof DockerSaid && thrown.status === 404) return undefined;
    throw thrown;
  }
};

const idOf = async (client: DockerClient, name: string): Promise<string | undefined> =>
  (await orNothing(client.json<{ Id: string }>('GET', `/containers/${name}/json`)))?.Id;

/** The hand as it is; undefined where none stands: there never was a rollover, or one died between taking it and making it anew. */
export async function handOf(client: DockerClient, order: Named): Promise<Hand | undefined> {
  const busy = await idOf(client, busyName(order));
  if (busy !== undefined) return { id: busy, busy: true };
  const rest = await idOf(client, restName(order));
  return rest === undefined ? undefined : { id: rest, busy: false };
}

/** Takes the hand, from rest or from a predecessor, who then may not act any more. @throws Overtaken when another was quicker */
export async function take(client: DockerClient, order: Order): Promise<Hand & { readonly interrupted: boolean }> {
  const found = await handOf(client, order);
  try {
    // A new one each time: its image is the order's, and a prune of images takes away what no container has.
    if (found !== undefined) await client.json('DELETE', `/containers/${found.id}?force=1`);
    const made = await client.json<{ Id: string }>('POST', `/containers/create?name=${busyName(order)}`, {
      body: {
        Image: order.body.Image,
        Entrypoint: ['none'],
        Labels: { ...order.body.Labels, [SUBJECT]: '', 'platform.part': 'rollover' },
        HostConfig: { NetworkMode: 'none', Binds: [`${order.proxy.volume}:${FOLDER}`] },
      },
    });
    // Without a hand somebody died between taking it away and making it anew, or there never was a rollover: then nothing stands.
    return { id: made.Id, busy: true, interrupted: found?.busy ?? true };
  } catch (thrown) {
    // Gone, or made, by somebody else in this moment.
    if (
      thrown instanceof DockerSaid &&
      [404, 409].includes(thrown.status) &&
      /name|No such container|removal/.test(thrown.message)
    ) {
      if (thrown.message.includes('No such image')) throw thrown;
      throw new Overtaken(order.name);
    }
    throw thrown;
  }
}

/** @throws Overtaken unless the hand is still there */
export async function holds(client: DockerClient, order: Named, { id }: Hand): Promise<void> {
  if ((await idOf(client, id)) === undefined) throw new Overtaken(order.name);
}

/** Puts the hand to rest. */
export const rest = (client: DockerClient, order: Named, { id }: Hand): Promise<void> =>
  client.json('POST', `/containers/${id}/rename?name=${restName(order)}`);

export { orNothing };
