import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { addressOf, digestOf, parseReference, RegistryRefused } from '../../../../../infra/sandbox/registry/client.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const BODY = '{"manifests": []}';
const DIGEST = `sha256:${createHash('sha256').update(BODY).digest('hex')}`;

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
before(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
after(() => server.close());

const ask = (): Promise<string> => digestOf(base, { repository: 'library/redis', tag: '7' });
const refused = (message: RegExp) => (error: unknown) =>
  error instanceof RegistryRefused && message.test(error.message);

test('a reference falls into registry, repository and tag, and one without a registry or a tag into nothing', () => {
  assert.deepEqual(parseReference('docker.io/library/redis:7.0.15'), {
    ...{ registry: 'docker.io', repository: 'library/redis', tag: '7.0.15' },
  });
  assert.equal(parseReference('127.0.0.1:5000/a/b:1')!.registry, '127.0.0.1:5000');
  for (const other of ['redis:7', 'library/redis:7', 'quay.io/minio/minio', `quay.io/a/b:1@${DIGEST}`]) {
    assert.equal(parseReference(other), undefined, other);
  }
  assert.equal(addressOf('docker.io'), 'https://registry-1.docker.io');
  assert.equal(addressOf('quay.io'), 'https://quay.io');
});

test('the digest is reckoned from what is sent, and lists of platforms are asked for', async () => {
  answer = ({ url, headers }, response) => {
    assert.equal(url, '/v2/library/redis/manifests/7');
    assert.ok(headers.accept!.includes(INDEX));
    response.writeHead(200, { 'content-type': INDEX }).end(BODY);
  };
  assert.equal(await ask(), DIGEST);
});

test('a registry that hands out tokens is asked for one, without credentials', async () => {
  answer = ({ url, headers }, response) => {
    if (url!.startsWith('/token')) {
      assert.equal(url, '/token?service=hub&scope=repository%3Alibrary%2Fredis%3Apull');
      assert.equal(headers.authorization, undefined);
      response.end('{"token": "t0"}');
    } else if (headers.authorization === 'Bearer t0') {
      response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': DIGEST }).end(BODY);
    } else {
      const challenge = `Bearer realm="${base}/token",service="hub",scope="repository:library/redis:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
  };
  assert.equal(await ask(), DIGEST);
});

test('what is sent under another digest, an error page, an unknown tag and silence are refused, each in words', async () => {
  answer = (_, response) =>
    response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': DIGEST }).end('{"manifests": [1]}');
  await assert.rejects(ask(), refused(/calls library\/redis:7 sha256:.*, but what it sent is sha256:/));
  answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  await assert.rejects(ask(), refused(/with "text\/html", which is no manifest/));
  answer = (_, response) => response.writeHead(404).end();
  await assert.rejects(ask(), refused(/has no library\/redis:7$/));
  answer = (_, response) => response.writeHead(429).end();
  await assert.rejects(ask(), refused(/answered 429 about library\/redis:7/));
  answer = (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  await assert.rejects(ask(), refused(/a way of signing in that is not known here: Basic/));
  answer = (_, response) => void response.destroy();
  await assert.rejects(ask(), refused(/^http:\/\/127\.0\.0\.1:\d+ cannot be reached: /));
});
