import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameIn } from '../../../../components/core/balancer.ts';
import { AWAITED_BALANCER, unlessAwaited } from '../../../../components/core/index.ts';

test('a load balancer is called as the status of its Service says', () => {
  const status = { loadBalancer: { ingress: [{ hostname: 'nlb.example.com' }] } };
  for (const preview of [true, false]) assert.equal(nameIn(status, 'shop/edge', preview), 'nlb.example.com');
});

test('one that has no name is an error of an update, and to a preview a name that leads nowhere', () => {
  for (const status of [undefined, {}, { loadBalancer: {} }, { loadBalancer: { ingress: [{}] } }]) {
    assert.throws(() => nameIn(status, 'shop/edge', false), /the Service shop\/edge has no load balancer/);
    assert.equal(nameIn(status, 'shop/edge', true), 'load-balancer-to-come.shop.edge.invalid');
  }
});

test('a Service is waited for where its annotations say what for, and else is not', () => {
  assert.deepEqual(unlessAwaited({ a: 'b' }), { 'pulumi.com/skipAwait': 'true', a: 'b' });
  assert.deepEqual(unlessAwaited(AWAITED_BALANCER), AWAITED_BALANCER);
});
