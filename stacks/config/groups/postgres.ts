/** PostgreSQL. */
import { SMALLEST } from '../../../components/postgres/index.ts';
import * as k from '../kinds.ts';
import { defaulted, group, part, stated } from '../setting.ts';
import { cpuRange, ours, storage, storageClass } from './common.ts';

export const postgres = group({
  timescaledb: stated(k.flag, {
    means: 'Whether the image holds TimescaleDB, which is then loaded and created.',
    from: 'A-TOPO-2, CONF-7',
  }),
  readReplicas: defaulted(k.whole(0, 15), 0, {
    means:
      'Members beside the leader, each with a whole copy on a volume of its own; a lost leader is replaced by one of them. From none to some, or back, is refused once there are data.',
    from: 'D-HELM-3, CONF-6',
  }),
  requireTls: defaulted(k.flag, true, {
    means: 'Whether a connection without TLS is refused, where `certificates.inside` gives the database a certificate.',
    from: 'D-SEC-1, E-SEC-2, CONF-33',
  }),
  pooler: part({
    replicas: defaulted(k.whole(1, 20), 2, { means: 'Pods of PgBouncer.', from: 'E-OPS-4, ours' }),
    maxClients: stated(k.whole(1, 100_000), {
      means: 'Clients that may be connected to one pod at once.',
      from: 'E-OPS-4',
    }),
    size: stated(k.whole(1, 5000), {
      means: 'Connections to PostgreSQL that the clients of one pod share.',
      from: 'E-OPS-4, ours',
    }),
    reserve: defaulted(k.whole(0, 1000), 5, {
      means: 'More of them for when clients have waited for five seconds.',
      from: ours,
    }),
    cpu: cpuRange('one PgBouncer'),
    memory: stated(k.size('16Mi', '16Gi'), {
      means: 'Memory of one PgBouncer, reserved and limit.',
      from: 'GAP-7, ours',
    }),
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
