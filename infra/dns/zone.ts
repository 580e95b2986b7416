/** A zone that exists, stated and not looked up: whoever owns the domain made it, and it outlives every stack. */

export interface Zone {
  /** `Z0123456789ABCDEFGHIJ`. */
  readonly zoneId: string;
  /** The domain it answers for, without a dot at the end: `corporate-intel.example.com`. */
  readonly domain: string;
}

/** A name as a resolver takes it, of at least two labels. */
export const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the zone answers for the name. */
export const within = ({ domain }: Zone, host: string): boolean => host === domain || host.endsWith(`.${domain}`);
