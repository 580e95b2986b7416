import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SUBJECT } from '../../../../../components/core/index.ts';
import { judge as judgeExec } from '../../../../../components/gates/probes/exec.ts';
import { judge } from '../../../../../components/gates/probes/task.ts';

const task = (Status: string, ExitCode = 0, OOMKilled = false) => ({
  State: { Status, ExitCode, OOMKilled },
  Config: { Labels: { [SUBJECT]: 'one' } },
});
const said = (inspected: ReturnType<typeof task>, output: string, says?: string, subject = 'one') => {
  const { verdict, reasons } = judge('t', inspected, output, { says, subject });
  return [verdict, ...reasons];
};

test('a task that ended with 0 and said what it should passes', () => {
  assert.deepEqual(said(task('exited'), '57 total policy chunks indexed\n', '57 total policy chunks indexed'), [
    'pass',
  ]);
  assert.deepEqual(said(task('exited'), ''), ['pass']);
});

test('one that ended otherwise, or said something else, fails with its last lines', () => {
  assert.deepEqual(said(task('exited', 3), 'no room\n'), ['fail', 't ended with 3', 'the last lines of t:\nno room']);
  assert.match(said(task('exited', 137, true), '')[1]!, /ended by the kernel for its memory/);
  assert.deepEqual(said(task('exited'), '56 total policy chunks indexed', '57 total'), [
    'fail',
    't did not say "57 total"',
    'the last lines of t:\n56 total policy chunks indexed',
  ]);
});

test('one that still runs, or is started again, is waited for; another subject’s end is nobody’s', () => {
  for (const status of ['created', 'running', 'restarting']) {
    assert.deepEqual(said(task(status, 1), ''), ['inconclusive', 't has not ended yet']);
  }
  assert.deepEqual(said(task('exited'), '', undefined, 'two'), [
    'error',
    'what is there is not the subject: t carries one; wanted two',
  ]);
});

test('a command passes with 0 and what it should print, and nothing else does', () => {
  const verdict = (code: number | null, output: string, says?: string) => judgeExec('psql', code, output, says).verdict;
  assert.equal(verdict(0, ' 1\n(1 row)', '(1 row)'), 'pass');
  assert.equal(verdict(0, '(0 rows)', '(1 row)'), 'fail');
  assert.equal(verdict(2, '(1 row)', '(1 row)'), 'fail');
  assert.equal(verdict(null, '', undefined), 'error');
  assert.deepEqual(judgeExec('psql', 2, '').reasons, ['psql ended with 2: it printed nothing']);
});
