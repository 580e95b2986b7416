/**
 * Reports by the way users go: asked for at the API, queued in RabbitMQ, written by a worker into the object store. None is
 * lost when the workers that are at it die.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { selector } from '../../components/core/index.ts';
import { kubectl, podsOf } from './support/elastic.ts';
import { lodge, type Lodger } from './support/lodger.ts';
import { rehearsal } from './support/rehearsal.ts';

/**
 * Signs in; `order N` asks for N reports and prints their numbers, `wait 1 2 3` prints the size of each once it is done. The
 * API allows 100 requests a minute.
 */
const USER = `
import http.client, json, os, sys, time
def ask(method, path, body=None, token=None):
    connection = http.client.HTTPConnection('api', 8000, timeout=20)
    headers = {'content-type': 'application/json', **({'authorization': f'Bearer {token}'} if token else {})}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status in (200, 202), f'{method} {path}: {answer.status} {text}'
    return json.loads(text)
who = {'username': 'ingest', 'password': os.environ['PASSWORD']}
token = ask('POST', '/api/v1/auth/login', who)['access_token']
what, rest = sys.argv[1], sys.argv[2:]
if what == 'order':
    for _ in range(int(rest[0])):
        print(ask('POST', '/api/v1/reports', {'ticker': 'AAPL', 'period': '2025Q3'}, token)['id'])
else:
    for number in rest:
        while (report := ask('GET', f'/api/v1/reports/{number}', None, token))['status'] != 'done': time.sleep(2)
        print(report['size'])
`;

let lodger: Lodger;
before(async () => {
  lodger = await lodge(rehearsal, {
    name: 'reader',
    reaches: [{ pods: selector({ component: 'api', instance: 'api' }), port: 8000 }],
    secrets: { PASSWORD: { name: 'migrate-users', key: 'USER_PASSWORD_INGEST' } },
  });
});
after(() => lodger.leave());

const lines = (text: string): string[] => text.trim().split('\n');
const order = async (count: number): Promise<string[]> => lines(await lodger.python(USER, 'order', String(count)));

/** Every report is written, whole by its size. A worker that was lost over one lets go of it when the broker misses it. */
async function written(numbers: readonly string[]): Promise<void> {
  const sizes = lines(await lodger.python(USER, 'wait', ...numbers)).map(Number);
  assert.equal(sizes.length, numbers.length);
  for (const size of sizes) assert.ok(size > 1000, `${size} bytes`);
}

test('what is asked for at the API is written by a worker', async () => {
  await written(await order(3));
});

test('what was asked for while every worker is killed is written by the next ones', async () => {
  const workers = (await podsOf('worker')).map(({ metadata }) => metadata.name);
  assert.ok(workers.length > 0);
  const ordered = order(10);
  await kubectl(['delete', 'pod', ...workers, '--grace-period=0', '--force']);
  await written(await ordered);
});
