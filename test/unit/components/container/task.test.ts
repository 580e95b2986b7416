import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContainerTask, type ContainerTaskArgs } from '../../../../components/container/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';

const args: ContainerTaskArgs = {
  host: { address: 'unix:///var/run/docker.sock' },
  facts: {
    name: 'index',
    image: { reference: 'docker.io/library/a:1', uid: 10001 },
    entrypoint: ['python'],
    command: ['index.py'],
    ports: {},
    cpu: { request: '100m', limit: '1' },
    memory: '64Mi',
  },
  partOf: 'p',
  networks: [{ network: 'n' }],
  says: 'done',
  requirement: 'C-GATE-4',
};
const made = (more: Partial<ContainerTaskArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new ContainerTask('index', { ...args, ...more }, {}));

test('a task is started again only when it failed, and is not missed once it has ended', async () => {
  const { inputs } = (await made()).find(({ type }) => type === 'docker:index/container:Container')!;
  assert.deepEqual([inputs['restart'], inputs['maxRetryCount'], inputs['mustRun']], ['on-failure', 2, false]);
  assert.deepEqual([inputs['entrypoints'], inputs['command']], [['python'], ['index.py']]);
});

test('its gate asks for its own content and its last words', async () => {
  const { inputs } = named(await made(), 'index-done');
  assert.deepEqual([inputs['says'], inputs['requirement'], inputs['container']], ['done', 'C-GATE-4', 'index']);
  assert.match(String(inputs['subject']), /^[0-9a-f]{12}$/);
});

test('another occasion is another task', async () => {
  const subject = async (more: Partial<ContainerTaskArgs>) => named(await made(more), 'index-done').inputs['subject'];
  assert.equal(await subject({ occasion: 'a' }), await subject({ occasion: 'a' }));
  assert.notEqual(await subject({ occasion: 'a' }), await subject({ occasion: 'b' }));
  assert.notEqual(await subject({ occasion: 'a' }), await subject({}));
});
