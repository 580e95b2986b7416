import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputRefused } from '../../../../components/core/index.ts';
import { checkSites } from '../../../../components/edge/settings.ts';
import { API } from './support/settings.ts';

const refused = (change: object, pattern: RegExp, from: Parameters<typeof checkSites>[1] = { from: 'connection' }) => {
  assert.throws(
    () => checkSites([{ ...API, ...change }], from),
    (error) => error instanceof InputRefused && pattern.test(error.message),
    JSON.stringify(change),
  );
};

test('whatever could break out of its place in the configuration is refused, with its place', () => {
  refused({ host: 'api.example.com; return 200' }, /sites\[0\]\.host: found "api\.example\.com; return 200"/);
  refused({ host: 'API.example.com' }, /lower case/);
  refused({ upstream: { service: 'api;', port: 80 } }, /sites\[0\]\.upstream\.service/);
  const sides = { blue: 'api-blue', green: 'api green', split: 'api-split' };
  refused({ upstream: { service: 'api', port: 80, sides } }, /sites\[0\]\.upstream\.sides\.green: found "api green"/);
  refused({ tls: { secretName: '../other' } }, /sites\[0\]\.tls\.secretName/);
  refused({ cors: { origins: ['https://a.example"; x'] } }, /sites\[0\]\.cors\.origins/);
  refused({ cors: { origins: ['*'] } }, /an origin: scheme, host and port only/);
  refused({ contentSecurityPolicy: 'default-src "x"' }, /without double quotes/);
  refused({ contentSecurityPolicy: '$request_uri' }, /dollar signs/);
  refused({ answerWithin: '60 seconds' }, /sites\[0\]\.answerWithin/);
  refused({}, /clientAddress\.trusted/, { from: 'proxyProtocol', trusted: ['10.0.0.1'] });
});

test('all problems come in one message, and a host stands once', () => {
  assert.throws(
    () => checkSites([API, { ...API, upstream: { service: 'A', port: 1 } }]),
    /2 problems[\s\S]*a second time/,
  );
  assert.throws(() => checkSites([]), /at least one host/);
  assert.doesNotThrow(() => checkSites([API]));
});
