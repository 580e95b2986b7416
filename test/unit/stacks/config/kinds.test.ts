/** Kinds of values whose rule is more than a pattern of letters. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instanceType } from '../../../../stacks/config/aws-kinds.ts';
import { hostName } from '../../../../stacks/config/kinds.ts';

describe('a host name', () => {
  test('is a name of DNS or an IPv4 address', () => {
    for (const name of ['localhost', 'api.example.com', '3.example.com', 'example.c0m', '10.0.0.1'])
      assert.ok(hostName.accepts(name), name);
  });

  test('is no address that there cannot be: what ends in a number is read as one', () => {
    for (const name of ['999.1.1.1', '10.0.0', '10.0.0.1.2', '7', 'api.example.42', '010.0.0.1', '', 'a_b.example'])
      assert.ok(!hostName.accepts(name), name);
  });
});

describe('a type of instance', () => {
  test('has processors for amd64', () => {
    const types =
      't3.medium m6i.large m7a.2xlarge c7i-flex.large m7i.metal-24xl g4dn.xlarge g6e.xlarge gr6.4xlarge u7i-12tb.224xlarge';
    for (const type of types.split(' ')) assert.ok(instanceType.accepts(type), type);
  });

  test('is none of ARM, on which neither the host’s programs nor the images start', () => {
    const types =
      'a1.large t4g.medium m6g.large m7gd.large c7gn.xlarge x2gd.large im4gn.large is4gen.large g5g.xlarge hpc7g.4xlarge p6e-gb200.36xlarge mac2.metal';
    for (const type of types.split(' ')) assert.ok(!instanceType.accepts(type), type);
  });
});
