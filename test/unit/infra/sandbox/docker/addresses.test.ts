import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOCKER_INDEXES, dockerAddresses, freeDocker } from '../../../../../infra/sandbox/docker/addresses.ts';
import { addressesOf, INDEXES, overlap } from '../../../../../infra/sandbox/node/addresses.ts';

test('no daemon shares an address or a link with another, nor with a sandbox', () => {
  const links = DOCKER_INDEXES.map((index) => dockerAddresses(index));
  assert.equal(new Set(links.flatMap(({ name, link, host, node }) => [name, link, host, node])).size, links.length * 4);
  for (const index of INDEXES) {
    const { name, link, pods, services } = addressesOf(index);
    for (const daemon of links) {
      assert.notEqual(daemon.name, name);
      for (const network of [link, pods, services])
        assert.ok(!overlap(daemon.link, network), `${daemon.link} ${network}`);
    }
  }
});

test('the lowest index is taken whose claim, link and network are free', () => {
  assert.equal(freeDocker(new Set(), new Set(), []), 1);
  assert.equal(freeDocker(new Set([1]), new Set(['dkr2']), ['10.198.3.0/30', '10.198.4.1']), 5);
  assert.throws(() => freeDocker(new Set(DOCKER_INDEXES), new Set(), []), /no room.*removeDocker/s);
  for (const wrong of [0, 51, 1.5]) assert.throws(() => dockerAddresses(wrong), /want 1 to 50/);
});
