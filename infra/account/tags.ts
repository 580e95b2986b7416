/** The tags of everything in AWS, from one place. */

/** What all of a stack belongs to. */
export interface Belonging {
  /** The platform: `corporate-intel`. */
  readonly partOf: string;
  /** `staging`, `production`: whose bill it is, and whose alarm. */
  readonly environment: string;
}

/** What the provider puts on everything that can be tagged. Keys are ours: no document states any. */
export const platformTags = ({ partOf, environment }: Belonging): Record<string, string> => ({
  Project: partOf,
  Environment: environment,
  ManagedBy: 'pulumi',
});

/** What a thing is called where AWS shows it: many kinds have no name but this tag. */
export const named = (name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  Name: name,
  ...more,
});
