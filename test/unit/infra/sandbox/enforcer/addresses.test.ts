import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, network, outermost } from '../../../../../infra/sandbox/enforcer/addresses.ts';

test('an address or a network has one way of being written, whatever way it came in', () => {
  assert.equal(ipv4('010.201.000.9'), '10.201.0.9');
  assert.equal(network('010.201.000.009/24')!.text, '10.201.0.0/24');
  assert.equal(network('255.255.255.255/0')!.text, '0.0.0.0/0');
  assert.equal(network('192.0.2.7/32')!.text, '192.0.2.7/32');
});

test('what is no IPv4 address or network is none', () => {
  for (const text of ['', '10.0.0', '10.0.0.256', '10.0.0.1 ', 'fd00::1', '10.0.0.1;'])
    assert.equal(ipv4(text), undefined);
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8', '::/0', '10.0.0.0/8/8']) {
    assert.equal(network(text), undefined);
  }
});

test('of networks that nest or repeat, the outermost are left', () => {
  const read = ['10.0.0.0/8', '10.1.0.0/16', '10.0.0.9/8', '192.0.2.0/25', '192.0.2.128/25'].map((text) =>
    network(text)!,
  );
  assert.deepEqual(
    outermost(read).map(({ text }) => text),
    ['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25'],
  );
});
