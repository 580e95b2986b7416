/** What several groups declare in the same words. */
import type { Share } from '../../../components/api/index.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, optional, stated } from '../setting.ts';

/** Marks a value that no document states. */
export const ours = 'ours';

export const cpuRange = (what: string, from = 'GAP-7, ours') =>
  group({
    request: stated(k.cpu('10m', '64'), { means: `Processor time reserved for ${what}.`, from }),
    limit: stated(k.cpu('10m', '64'), { means: `Processor time above which ${what} is throttled.`, from }),
  });

export const memoryRange = (what: string, from = 'GAP-7, ours') =>
  group({
    request: stated(k.size('32Mi', '1Ti'), { means: `Memory reserved for ${what}.`, from }),
    limit: stated(k.size('32Mi', '1Ti'), { means: `Memory above which ${what} is killed.`, from }),
  });

/** Pods at a time: a number, or a share of those wanted. */
export const share: k.Kind<Share> = {
  wanted: 'a whole number from 1 to 99, or a share from "1%" to "99%"',
  accepts: (value): value is Share =>
    (typeof value === 'number' && /^[1-9]\d?$/.test(`${value}`)) ||
    (typeof value === 'string' && /^[1-9]\d?%$/.test(value)),
};

/** How slowly pods go that are no longer needed. */
export const scaleDown = comfort({
  calm: defaulted(k.duration('1s', '1h'), '5m', {
    means: 'How long fewer pods have to have been enough before any goes.',
    from: 'GAP-3, ours',
  }),
  percent: defaulted(k.whole(1, 100), 20, {
    means: 'The share of the pods that may go within `every`, in percent; one may always go.',
    from: 'GAP-3, ours',
  }),
  every: defaulted(k.duration('1s', '30m'), '60s', { means: 'See `percent`.', from: 'GAP-3, ours' }),
});

export const storage = (what: string, from: string) =>
  stated(k.size('64Mi', '16Ti'), {
    means: `Size of each volume of ${what}. Larger: the volumes grow in place, where their class can. Smaller: refused.`,
    from,
  });

export const storageClass = optional(k.dnsLabel, {
  means:
    'StorageClass of the volume. Left out: the default class of the cluster. A change is refused once there are data.',
  from: 'GAP-6, ours',
});

/** A gate's patience, where a document states a part of it. */
export const patience = (
  deadline: Parameters<typeof k.duration>[0],
  interval: Parameters<typeof k.duration>[0],
  from: string,
) =>
  comfort({
    deadline: defaulted(k.duration('1s', '1h'), deadline, {
      means: 'How long the gate asks before it stays shut.',
      from,
    }),
    interval: defaulted(k.duration('100ms', '5m'), interval, {
      means: 'How long it waits between two questions.',
      from,
    }),
  });
