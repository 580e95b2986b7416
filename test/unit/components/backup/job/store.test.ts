/** Storing a file, against a store of this test that can lose, damage and refuse. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { seal, store, type Place } from '../../../../../components/backup/job/store.ts';
import { sha256 } from '../../../../../components/backup/job/sign.ts';

const folder = mkdtempSync(join(tmpdir(), 'backup-'));
const MEBI = 1024 * 1024;
let server: Server;
let place: Place;
let objects: Map<string, Buffer>;
let asked: string[];
/** What goes wrong: the status for a request, and the body that is kept of one. */
let fault: { readonly status?: (line: string, times: number) => number; readonly kept?: (part: Buffer) => Buffer };

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

before(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url!, 'http://store');
      const body = await bodyOf(request);
      const line = `${request.method} ${[...url.searchParams.keys()].join(' ')}`.trim();
      asked.push(line);
      const answer = (status: number, text: string | Buffer = '', headers = {}): void => {
        response.writeHead(status, headers).end(text);
      };
      const status = fault.status?.(line, asked.filter((one) => one === line).length) ?? 200;
      if (status !== 200) {
        answer(status, '<Error><Code>Fault</Code></Error>');
        return;
      }
      if (request.headers['x-amz-content-sha256'] !== sha256(body)) {
        answer(400, '<Error/>');
        return;
      }
      const number = url.searchParams.get('partNumber');
      if (url.searchParams.has('uploads')) {
        answer(200, '<R><UploadId>up</UploadId></R>');
        return;
      }
      if (number !== null) {
        objects.set(`part ${number}`, fault.kept?.(body) ?? body);
        answer(200, '', { etag: `"${number}"` });
        return;
      }
      if (request.method === 'POST') {
        const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"\1"/g)].map(([, n]) => n!);
        objects.set(url.pathname, Buffer.concat(numbers.map((n) => objects.get(`part ${n}`)!)));
        answer(200, '<R><ETag>whole</ETag></R>');
        return;
      }
      if (request.method === 'PUT') {
        objects.set(url.pathname, body);
        answer(200);
        return;
      }
      answer(200, objects.get(url.pathname));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  place = { endpoint, bucket: 'kept', key: 'db/one.dump', accessKey: 'a', secretKey: 's', region: 'us-east-1' };
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  [objects, asked, fault] = [new Map(), [], {}];
});
afterEach(() => server.closeAllConnections());

function file(bytes: number): { path: string; content: Buffer } {
  const content = Buffer.alloc(bytes, 'the database ');
  const path = join(folder, `${bytes}`);
  writeFileSync(path, content);
  return { path, content };
}

for (const bytes of [0, 1, 16 * MEBI, 16 * MEBI + 1, 40 * MEBI]) {
  test(`${bytes} bytes are stored as they are, and read back`, async () => {
    const { path, content } = file(bytes);
    const stored = await store(path, place);
    assert.deepEqual(stored, { bytes, sha256: sha256(content) });
    assert.ok(objects.get('/kept/db/one.dump')!.equals(content));
    assert.equal(asked.at(-1), 'GET');
    await seal(place, stored);
    assert.equal(objects.get('/kept/db/one.dump.sha256')!.toString(), `${sha256(content)}  one.dump\n`);
  });
}

test('a store that gives back something else is found out', async () => {
  fault = { kept: (part) => Buffer.concat([part.subarray(1), Buffer.from('x')]) };
  await assert.rejects(
    store(file(1000).path, place),
    /came back as 1000 bytes, sha256 [0-9a-f]{64}; wanted 1000 bytes/,
  );
});

test('a fault of the server is tried again, and a second time', async () => {
  fault = { status: (line, times) => (line.startsWith('PUT') && times < 3 ? 503 : 200) };
  assert.equal((await store(file(10).path, place)).bytes, 10);
});

test('a server that stays faulty is told with its answer', async () => {
  fault = { status: (line) => (line === 'POST uploads' ? 503 : 200) };
  await assert.rejects(store(file(10).path, place), /POST http:\/\/127\.0\.0\.1:\d+\/kept\/db\/one\.dump: 503 <Error>/);
  assert.equal(asked.length, 3);
});

test('a refusal is not asked for again', async () => {
  fault = { status: () => 403 };
  await assert.rejects(store(file(10).path, place), /403/);
  assert.equal(asked.length, 1);
});
