import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, selector } from '../../../../components/core/index.ts';

const identity = { component: 'api', instance: 'api', partOf: 'corporate-intel', version: '1.0.0' };

test('a selector holds nothing that a release changes', () => {
  const released = { ...identity, version: '1.1.0', partOf: 'elsewhere' };
  assert.deepEqual(selector(identity), selector(released));
  assert.deepEqual(Object.keys(selector(identity)), ['app.kubernetes.io/name', 'app.kubernetes.io/instance']);
});

test('the labels of an object hold its selector', () => {
  const all = labels(identity);
  for (const [key, value] of Object.entries(selector(identity))) assert.equal(all[key], value);
});

test('labels say what the object is part of, who manages it, and which version it is', () => {
  assert.equal(labels(identity)['app.kubernetes.io/part-of'], 'corporate-intel');
  assert.equal(labels(identity)['app.kubernetes.io/managed-by'], 'pulumi');
  assert.equal(labels(identity)['app.kubernetes.io/version'], '1.0.0');
});

test('an object without a version has no label for one', () => {
  const { version: _, ...rest } = identity;
  assert.ok(!('app.kubernetes.io/version' in labels(rest)));
});

test('two instances of one component are told apart', () => {
  assert.notDeepEqual(selector(identity), selector({ ...identity, instance: 'api-two' }));
});
