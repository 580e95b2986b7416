/** Who holds several roles, by the text of an `allowed_signers` file. Who may sign at all is for OpenSSH to say. Pure. */
import { createHash } from 'node:crypto';

/** The fingerprint of a public key in its base64 form, as OpenSSH writes it: `SHA256:…`. */
const fingerprint = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;

/**
 * Whether one line of the file gives this very key all of the roles, each by its name: that is meant so. A pattern such as `*`
 * names nobody, and a key that stands in two lines may have been pasted twice.
 *
 * @param key as `keyIn` gives it: `ED25519 SHA256:…`
 */
export const holdsBoth = (signers: string, key: string, roles: readonly string[]): boolean =>
  signers.split(/\r?\n/).some((line) => {
    const [names = '', ...rest] = line.trim().split(/\s+/);
    const held = names.replaceAll('"', '').split(',');
    return (
      !line.trimStart().startsWith('#') &&
      roles.every((role) => held.includes(role)) &&
      rest.some((word) => key.endsWith(` ${fingerprint(word)}`))
    );
  });
