/** The steps of a rollover as they are done to a Docker host, each only while the hand is this one's. */
import { SUBJECT } from '../core/index.ts';
import { judgeContainer, lastWords, type DockerClient, type Inspected } from '../gates/index.ts';
import type { Judged, Machine, Scene, Seen } from './converge.ts';
import { FOLDER, handOf, holds, orNothing, type Hand } from './fence.ts';
import { COLOURS, colourIn, containerName, upstreamFile, upstreamText, type Colour, type Order } from './order.ts';
import { reload, runs, workers } from './proxy.ts';
import { firstOf, pack } from './tar.ts';

type Place = Pick<Order, 'name' | 'port'>;

/** What is on the host. Changes nothing. */
export async function look(client: DockerClient, order: Place): Promise<Scene> {
  const hand = await handOf(client, order);
  const file = `${FOLDER}/${upstreamFile(order.name)}`;
  const archive =
    hand && (await orNothing(client.bytes('GET', `/containers/${hand.id}/archive?path=${encodeURIComponent(file)}`)));
  const seen = await Promise.all(
    COLOURS.map(async (colour): Promise<[Colour, Seen] | undefined> => {
      const path = `/containers/${containerName(order, colour)}/json`;
      const found = await orNothing(client.json<Inspected & { State: { Running: boolean } }>('GET', path));
      return found && [colour, { subject: found.Config.Labels?.[SUBJECT] ?? '', running: found.State.Running }];
    }),
  );
  return {
    live: archive && colourIn(order, firstOf(archive)),
    colours: Object.fromEntries(seen.filter((one) => one !== undefined)),
  };
}

/** Removes a container after it has had its time to end. Fine where there is none. */
export async function removeContainer(client: DockerClient, name: string, grace: number): Promise<void> {
  // 304: it does not run.
  await orNothing(client.json('POST', `/containers/${name}/stop?t=${grace}`, { timeout: (grace + 30) * 1000 })).catch(
    (thrown: unknown) => {
      if (!(thrown instanceof Error && /: 304 /.test(thrown.message))) throw thrown;
    },
  );
  await orNothing(client.json('DELETE', `/containers/${name}?force=1&v=1`));
}

export function machineOf(client: DockerClient, order: Order, hand: Hand): Machine {
  const fenced =
    <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      await holds(client, order, hand);
      return work(...given);
    };
  return {
    look: () => look(client, order),
    create: fenced((colour) => create(client, order, colour)),
    remove: fenced((colour) => removeContainer(client, containerName(order, colour), order.grace)),
    judge: (colour) => judged(client, order, colour),
    lead: fenced(async (colour) => {
      const file = { path: upstreamFile(order.name), content: upstreamText(order, colour), permissions: '0444' };
      await client.bytes('PUT', `/containers/${hand.id}/archive?path=${FOLDER}`, { body: pack([file]) });
      if (await runs(client, order.proxy.container)) await reload(client, order.proxy.container);
    }),
    drained: async () =>
      !(await runs(client, order.proxy.container)) ||
      (await workers(client, order.proxy.container)).leaving.length === 0,
  };
}

async function create(client: DockerClient, order: Order, colour: Colour): Promise<void> {
  const name = containerName(order, colour);
  const { body, sealed, networks } = order;
  const env = Object.entries(sealed.env).map(([variable, value]) => `${variable}=${value}`);
  const { Id } = await client.json<{ Id: string }>('POST', `/containers/create?name=${name}`, {
    body: { ...body, Hostname: name, Env: [...body.Env, ...env] },
  });
  for (const network of networks) {
    await client.json('POST', `/networks/${network}/connect`, { body: { Container: Id } });
  }
  const files = order.files.map(({ path, permissions, content = sealed.files[path] ?? '' }) => ({
    ...{ path: path.slice(1), permissions, content },
  }));
  if (files.length > 0) await client.bytes('PUT', `/containers/${Id}/archive?path=/`, { body: pack(files) });
  await client.json('POST', `/containers/${Id}/start`);
}

async function judged(client: DockerClient, order: Order, colour: Colour): Promise<Judged> {
  const name = containerName(order, colour);
  const found = await orNothing(client.json<Inspected>('GET', `/containers/${name}/json`));
  if (found === undefined) return { verdict: 'error', seen: '', reasons: [`there is no container ${name}`] };
  const reading = judgeContainer(name, found, order.subject);
  if (reading.verdict === 'pass') return reading;
  return { ...reading, reasons: [...reading.reasons, await lastWords(client, name)] };
}
