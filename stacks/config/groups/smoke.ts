/** E's smoke tests, which run inside the cluster at the end of an update. Left out: none run. */
import * as k from '../kinds.ts';
import { comfort, defaulted, part, stated } from '../setting.ts';
import { cpuRange, memoryRange, ours } from './common.ts';

const bar = (fallback: number, what: string, from: string) =>
  defaulted(k.decimal(0.1, 60_000), fallback, { means: `Milliseconds that ${what} has to stay below.`, from });

export const smoke = part({
  user: stated(k.choice('admin', 'analyst', 'auditor', 'ingest', 'viewer'), {
    means:
      'Which of the five users (E-DATA-1) signs in, and is given a generated password. The requests of its minute are used up.',
    from: 'E-SMOKE-14, ours',
  }),
  cpu: cpuRange('the smoke tests'),
  memory: memoryRange('the smoke tests'),
  deadline: defaulted(k.duration('10s', '1h'), '3m', {
    means: 'How long they may take, a second attempt included.',
    from: ours,
  }),
  bars: comfort({
    health: bar(10, 'the median of 20 answers of `/health`', 'E-SMOKE-20'),
    list: bar(50, 'the median of 20 lists of all companies', 'E-SMOKE-21'),
    ticker: bar(10, 'the median of 20 answers about one company', 'E-SMOKE-22'),
    concurrent: bar(100, 'the slowest of ten requests at once', 'E-SMOKE-23'),
  }),
});
