/** Durations as cert-manager writes them: Go's own, in which a day is no unit. */
import { milliseconds, type Duration } from '../core/index.ts';

/** `90d` as `2160h0m0s`, the spelling that the API server gives back: another one would be a change in every plan. */
export function lifetime(duration: Duration): string {
  const total = Math.ceil(milliseconds(duration) / 1000);
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  return `${hours}h${minutes}m${rest}s`;
}
