import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputsOf, NGINX, plan } from './support/released.ts';

test('a place outside the program, and a role that nobody could sign for, are refused', async () => {
  const odd = { approvals: { folder: '../elsewhere', stack: 'A b', roles: ['lead', 'lead', 'The Boss'] } };
  await assert.rejects(
    plan({ ...odd, reports: { folder: '/tmp', stack: 'test' } }),
    /has 5 problems[\s\S]*approvals\.folder: found "\.\.\/elsewhere"[\s\S]*approvals\.roles\[1\][\s\S]*approvals\.roles\[2\]: found "The Boss"[\s\S]*approvals\.stack: found "A b"[\s\S]*reports\.folder: found "\/tmp"/,
  );
});

test('metrics that nobody could be asked for are refused, and an address that is none', async () => {
  const rule = { name: 'users', query: 'a', requests: 'b', most: 0.05, minimum: 20 };
  const analysis = { metrics: { inRow: 2, each: [rule] } };
  await assert.rejects(plan({ analysis }), /asked\.prometheus: found none; wanted where Prometheus answers.*users/);
  const asked = (url: string) => ({ analysis, asked: { port: 8000, prometheus: { url } } });
  await assert.rejects(plan(asked('prometheus:9090')), /asked\.prometheus\.url: found "prometheus:9090"; wanted/);
  const { rules } = inputsOf(await plan(asked('http://prometheus:9090')));
  assert.deepEqual(rules.probe.prometheus, { url: 'http://prometheus:9090' });
});

test('an address of Prometheus with a user or a password in it is refused, and not repeated', async () => {
  for (const url of ['http://user:canary-9@prom:9090', 'ftp://canary-9@prom', 'user:canary-9@prom']) {
    const refused = plan({ asked: { port: 8000, prometheus: { url } } });
    await assert.rejects(refused, (thrown: Error) => {
      assert.match(
        thrown.message,
        /has one problem.*\n.*asked\.prometheus\.url: found an address with a user or a password/,
      );
      assert.ok(!thrown.message.includes('canary-9'));
      return true;
    });
  }
});

test('a follower with a name of the workload’s own, and a route that belongs nowhere, are refused', async () => {
  await assert.rejects(
    plan({ followers: { web: {} } }),
    /followers\["web"\]: found a name that the workload itself uses/,
  );
  const way = { ...NGINX.way, driver: 'gateway' } as const;
  await assert.rejects(plan({ way }), /gateway: found .*wanted the Gateways that the route belongs to/);
});

test('what no release could go by is refused, all of it at once', async () => {
  const odd = {
    pods: { labels: {}, spec: {} },
    asked: { port: 0, paths: [] },
    ...{ replicas: 0, attempt: 1.5, timing: { soak: 'long' as never } },
  };
  await assert.rejects(
    plan(odd),
    /has 7 problems[\s\S]*asked\.paths: found none[\s\S]*asked\.port: found 0[\s\S]*attempt: found 1\.5[\s\S]*pods\.labels\["app\.kubernetes\.io\/instance"\][\s\S]*replicas: found 0[\s\S]*timing\.soak: found "long"/,
  );
});
