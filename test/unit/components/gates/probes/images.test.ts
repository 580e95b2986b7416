import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullName, judge } from '../../../../../components/gates/probes/images.ts';
import { node } from '../support/cluster.ts';

const API = 'corporate-intel-api:1.0.0';
const HELD = 'docker.io/library/corporate-intel-api:1.0.0';

test('an image on every node that takes pods opens, under its short or its full name', () => {
  assert.equal(judge([API], [node('a', [HELD]), node('b', [HELD])]).verdict, 'pass');
  assert.equal(judge([HELD], [node('a', [HELD])]).verdict, 'pass');
});

test('a node that lacks it is named, with what to do', () => {
  const { verdict, reasons } = judge([API], [node('a', [HELD]), node('b', ['docker.io/library/redis:7.0.15'])]);
  assert.equal(verdict, 'fail');
  assert.deepEqual(reasons, [
    'node b lacks corporate-intel-api:1.0.0; run "make image", or name an image that a registry has',
  ]);
});

test('another tag is another image', () => {
  assert.equal(judge([API], [node('a', ['docker.io/library/corporate-intel-api:1.1.0'])]).verdict, 'fail');
});

test('nodes that take no pods do not matter, but there must be one that does', () => {
  const tainted = { taints: [{ key: 'control-plane', effect: 'NoSchedule' }] };
  const others = [node('b', [], { unschedulable: true }), node('c', [], tainted), node('d', [], {}, false)];
  assert.equal(judge([API], [node('a', [HELD]), ...others]).verdict, 'pass');
  assert.equal(judge([API], others).verdict, 'inconclusive');
});

test('references are spelled out as container runtimes do', () => {
  assert.equal(fullName('redis'), 'docker.io/library/redis:latest');
  assert.equal(fullName('oliver006/redis_exporter:v1'), 'docker.io/oliver006/redis_exporter:v1');
  assert.equal(fullName('registry.k8s.io/pause:3.10'), 'registry.k8s.io/pause:3.10');
  assert.equal(fullName('localhost/api'), 'localhost/api:latest');
  assert.equal(fullName('host:5000/api'), 'host:5000/api:latest');
  assert.equal(fullName('redis@sha256:abc'), 'docker.io/library/redis@sha256:abc');
});
