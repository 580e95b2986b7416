/** PostgreSQL. */
import { SMALLEST } from '../../../components/postgres/index.ts';
import * as k from '../kinds.ts';
import { defaulted, group, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

export const postgres = group({
  timescaledb: stated(k.flag, {
    means: 'Whether the image holds TimescaleDB, which is then loaded and created.',
    from: 'A-TOPO-2, CONF-7',
  }),
  user: stated(k.sqlName, { means: 'The superuser. Read when the volume is new, and only then.', from: 'A-ENV-7' }),
  database: stated(k.sqlName, {
    means: 'The database. Read when the volume is new, and only then.',
    from: 'A-ENV-9',
  }),
  cpu: cpuRange('PostgreSQL'),
  memory: stated(k.size(SMALLEST, '1Ti'), {
    means:
      'Memory of the pod, reserved and limit. Buffers and working memory are computed from it. Changing it restarts PostgreSQL.',
    from: 'A-HOST-2',
  }),
  storage: storage('PostgreSQL', 'A-HOST-2, CONF-10'),
  storageClass,
  maxConnections: stated(k.whole(10, 5000), {
    means: 'Connections that PostgreSQL accepts. Changing it restarts PostgreSQL.',
    from: 'GAP-7, ours',
  }),
  reservedConnections: defaulted(k.whole(3, 100), 10, {
    means: 'Connections kept free of the API: migrations, gates, exporters, people.',
    from: ours,
  }),
  slowQueryMilliseconds: defaulted(k.whole(0, 600_000), 1000, {
    means: 'Statements that take longer are logged, in milliseconds.',
    from: 'A-DATA-2, ours',
  }),
  startDeadline: defaulted(k.duration('30s', '1h'), '5m', {
    means: 'How long the pod may take to become ready.',
    from: ours,
  }),
});
