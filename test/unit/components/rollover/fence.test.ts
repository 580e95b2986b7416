/** Who has the hand, and what whoever takes it learns of who had it before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerSaid, type DockerClient } from '../../../../components/gates/index.ts';
import { rest, take } from '../../../../components/rollover/fence.ts';
import type { Order } from '../../../../components/rollover/order.ts';

const ORDER = {
  name: 'api',
  body: { Image: 'api:1', Labels: {} },
  proxy: { container: 'proxy', volume: 'up' },
} as never as Order;

/** A host with containers by name. `dies` is asked before each call. */
function host(dies: (method: string, path: string) => boolean = () => false) {
  const names = new Map<string, string>();
  let made = 0;
  const json = (method: string, path: string): Promise<unknown> => {
    if (dies(method, path)) return Promise.reject(new Error('killed'));
    const { pathname, searchParams } = new URL(path, 'http://docker');
    const [, , which = '', verb = ''] = pathname.split('/');
    const found = [...names].find(([name, id]) => name === which || id === which);
    if (verb === '' && which === 'create') {
      names.set(searchParams.get('name')!, `id-${++made}`);
      return Promise.resolve({ Id: `id-${made}` });
    }
    if (found === undefined) return Promise.reject(new DockerSaid(path, 404, 'No such container'));
    if (method === 'DELETE' || verb === 'rename') names.delete(found[0]);
    if (verb === 'rename') names.set(searchParams.get('name')!, found[1]);
    return Promise.resolve({ Id: found[1] });
  };
  return { names, client: { json } as unknown as DockerClient };
}

test('whoever takes the hand from rest learns of no predecessor that was cut short', async () => {
  const { client, names } = host();
  await rest(client, ORDER, await take(client, ORDER));
  assert.deepEqual([...names.keys()], ['api-rollover']);
  const hand = await take(client, ORDER);
  assert.equal(hand.interrupted, false);
  assert.deepEqual([...names.keys()], ['api-rollover-busy']);
});

test('a predecessor that died with the hand in use was cut short', async () => {
  const { client } = host();
  await take(client, ORDER);
  assert.equal((await take(client, ORDER)).interrupted, true);
});

test('so was one whose successor died between taking the hand away and making it anew', async () => {
  let killed = false;
  const { client, names } = host((_method, path) => killed && path.includes('/create'));
  await take(client, ORDER);
  killed = true;
  await assert.rejects(take(client, ORDER), /killed/);
  assert.deepEqual([...names.keys()], []);
  killed = false;
  assert.equal((await take(client, ORDER)).interrupted, true);
});
