import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as record from '../../../../components/release/runner/record.ts';
import { RELEASE } from '../../../../components/release/digest.ts';
import { hopelessness } from '../../../../components/release/runner/moves.ts';
import { shell } from '../../../../components/gates/shell.ts';

/** The provider that a stored text makes. */
function provider(text: string): { diff(id: string, before: object, inputs: object): Promise<{ changes: boolean }> } {
  const exports: { handler?: () => never } = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is how the engine's host reads it
  new Function('exports', text)(exports);
  return exports.handler!();
}

test('the stored code of a release asks its runner what differs, and holds nothing of the configuration', () => {
  const text = shell('components/release/release-run.ts', ['verdict'], false, false, true);
  assert.match(text, /changes: await \(await runner\(\)\)\.differs\(before, inputs, byState\)/);
  assert.ok(!text.includes('shut'), 'it decides by a stored verdict too');
  assert.equal(typeof provider(text).diff, 'function');
});

test('without a cluster the state alone decides', async (context) => {
  const said = context.mock.method(console, 'error', () => undefined);
  const before = process.env['KUBECONFIG'];
  process.env['KUBECONFIG'] = '/nonexistent';
  try {
    const { differs } = await import('../../../../components/release/prepare-run.ts');
    const inputs = { cluster: {}, namespace: 'shop', name: 'web' } as never;
    assert.deepEqual([await differs({}, inputs, true), await differs({}, inputs, false)], [true, false]);
    assert.match(String(said.mock.calls[0]?.arguments[0]), /web: compared with the state alone/);
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  }
});

test('the runner knows a version by the same annotation as what puts it there', () => {
  assert.equal(record.DIGEST, RELEASE);
});

test('a record survives its ConfigMap, and fields that were emptied are gone', () => {
  const rejected = [{ digest: 'v1', attempt: 1, reasons: ['because'] }];
  const history = [{ digest: 'v0', version: '1.0.0', since: '2026-01-01T00:00:00.000Z', epoch: 3, attempt: 1 }];
  const values = { epoch: '7', token: '7.2', phase: 'soak', rejected, history, kept: undefined };
  const data = Object.fromEntries(record.fields(values).map(({ path, value }) => [path.slice(6), value as string]));
  assert.deepEqual(record.parse({ data }), { epoch: 7, token: '7.2', phase: 'soak', rejected, history });
  assert.deepEqual(record.parse({}), { epoch: 0, token: '0.0', phase: 'settled', rejected: [], history: [] });
});

const pod = (status: object, init = false) => {
  const of = [{ name: 'app', ready: false, restartCount: 0, ...status }];
  return { metadata: { name: 'web-1' }, status: init ? { initContainerStatuses: of } : { containerStatuses: of } };
};
const ended = { terminated: { exitCode: 3 } };

test('a container that ends once or twice may be waiting for its database; the third time it does not start', () => {
  assert.equal(hopelessness(pod({ restartCount: 0, state: ended }), 3), undefined);
  assert.equal(hopelessness(pod({ restartCount: 2, state: { running: {} }, lastState: ended }), 3), undefined);
  const third = pod({ restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended });
  assert.match(
    hopelessness(third, 3)!,
    /container app of pod web-1 ended 3 times, last with exit code 3; wanted fewer than 3/,
  );
});

test('an init container that has done its work is no crash', () => {
  assert.equal(hopelessness(pod({ restartCount: 2, state: { terminated: { exitCode: 0 } } }, true), 3), undefined);
  assert.match(hopelessness(pod({ restartCount: 2, state: ended }, true), 3)!, /ended 3 times/);
});

const waiting = (reason: string, message: string) => pod({ state: { waiting: { reason, message } } });

test('a node that was slow to read or to make what a container needs tries again, and is not the version’s fault', () => {
  for (const [reason, message] of [
    ['CreateContainerConfigError', 'failed to sync configmap cache: timed out waiting for the condition'],
    ['CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'],
    ['CreateContainerConfigError', 'services have not yet been read at least once, cannot construct envvars'],
    ['CreateContainerError', 'context deadline exceeded'],
    [
      'CreateContainerError',
      'failed to reserve container name "app_web-1_0": name "app_web-1_0" is reserved for "5f1c"',
    ],
    ['RunContainerError', 'context deadline exceeded'],
  ] as const) {
    assert.equal(hopelessness(waiting(reason, message), 3), undefined, message);
  }
});

test('an image that is not there is hopeless; a registry that does not answer is not', () => {
  assert.match(hopelessness(waiting('ImagePullBackOff', 'x:1: not found'), 3)!, /cannot be made: ImagePullBackOff/);
  assert.equal(hopelessness(waiting('ErrImagePull', 'dial tcp: i/o timeout'), 3), undefined);
  assert.match(hopelessness(waiting('CreateContainerConfigError', 'configmap "x" not found'), 3)!, /cannot be made/);
  assert.match(hopelessness(waiting('RunContainerError', 'exec: "serve": not found in $PATH'), 3)!, /cannot be made/);
});
