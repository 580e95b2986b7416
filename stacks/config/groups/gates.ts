/** How patient the gates are. */
import * as k from '../kinds.ts';
import { comfort, defaulted } from '../setting.ts';
import { patience } from './common.ts';

export const gates = comfort({
  database: patience('60s', '2s', 'A-MIG-1'),
  healthy: comfort({
    atLeast: defaulted(k.whole(1, 103), 4, { means: 'Pods that have to be ready.', from: 'A-GATE-9' }),
    deadline: defaulted(k.duration('1s', '1h'), '180s', {
      means: 'How long the gate asks before it stays shut.',
      from: 'A-GATE-9',
    }),
    interval: defaulted(k.duration('100ms', '5m'), '5s', {
      means: 'How long it waits between two questions.',
      from: 'A-GATE-9',
    }),
  }),
  endpoint: comfort({
    perTry: defaulted(k.duration('100ms', '5m'), '10s', { means: 'How long one answer may take.', from: 'A-GATE-1' }),
    deadline: defaulted(k.duration('1s', '1h'), '60s', {
      means: 'How long an endpoint check or smoke test asks before it stays shut.',
      from: 'GAP-10, ours',
    }),
    interval: defaulted(k.duration('100ms', '5m'), '1s', {
      means: 'How long it waits between two questions.',
      from: 'GAP-10, ours',
    }),
  }),
  restartWindow: defaulted(k.duration('1s', '1h'), '10m', {
    means: 'How long no container may restart at the end of an update.',
    from: 'A-OK-1',
  }),
});
