import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../../../../components/gates/judge.ts';
import { judge } from '../../../../../components/gates/probes/sql.ts';
import type { SqlExpectation } from '../../../../../components/gates/questions.ts';

test('rows are judged as they were asked for, and no data never passes', () => {
  const cases: readonly (readonly [SqlExpectation, readonly unknown[], Verdict, string?])[] = [
    [{}, ['PostgreSQL 15.18'], 'pass'],
    [{}, [], 'inconclusive', 'the query gave no rows'],
    [{ rows: 2 }, ['a', 'b'], 'pass'],
    [{ rows: 0 }, [], 'pass'],
    [{ rows: 2 }, ['a'], 'fail', 'the query gave 1 rows; wanted 2'],
    [{ equals: 1 }, [1], 'pass'],
    [{ equals: '1' }, [1], 'pass'],
    [{ equals: 'on' }, ['off'], 'fail', 'the query gave off; wanted on'],
    [{ equals: 'on' }, [], 'inconclusive', 'the query gave 0 rows; wanted one'],
    [{ equals: 'on' }, ['on', 'on'], 'inconclusive', 'the query gave 2 rows; wanted one'],
    [{ atLeast: 1 }, ['12'], 'pass'],
    [{ atLeast: 1 }, ['0'], 'fail', 'the query gave 0; wanted at least 1'],
    [{ atLeast: 1 }, ['NaN'], 'inconclusive', 'the query gave NaN; wanted a finite number'],
    [{ atLeast: 1 }, [], 'inconclusive', 'the query gave no value; wanted at least 1'],
    [{ contains: ['companies', 'market_data'] }, ['market_data', 'companies', 'users'], 'pass'],
    [{ contains: ['companies', 'market_data'] }, ['companies'], 'fail', 'missing: market_data'],
    [{ contains: ['companies', 'market_data'] }, [], 'fail', 'missing: companies, market_data'],
  ];
  for (const [expect, column, verdict, reason] of cases) {
    const reading = judge(column, expect);
    const wanted = [verdict, ...(reason === undefined ? [] : [reason])];
    assert.deepEqual([reading.verdict, ...reading.reasons], wanted, JSON.stringify([expect, column]));
  }
});
