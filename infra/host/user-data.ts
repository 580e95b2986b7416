/** The preparation as user data of EC2, for cloud-init. */
import { hostScript } from './script.ts';
import type { HostSettings } from './settings.ts';

/** What EC2 takes, in bytes before base64. */
export const USER_DATA_LIMIT = 16_384;

const BOUNDARY = '==platform-host==';

/**
 * Each boot runs the script, where cloud-init by itself would run it at the first one only: a changed preparation then
 * reaches a host that is there, by stopping and starting it.
 */
const EACH_BOOT = ['#cloud-config', 'cloud_final_modules:', '  - [scripts-user, always]', ''].join('\n');

const mimePart = (type: string, text: string): string =>
  [`--${BOUNDARY}`, `Content-Type: text/${type}; charset="us-ascii"`, 'MIME-Version: 1.0', '', text].join('\n');

/**
 * @throws Error when the text is longer than EC2 takes
 */
export function userData(settings: HostSettings): string {
  const text = [
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    'MIME-Version: 1.0',
    '',
    mimePart('cloud-config', EACH_BOOT),
    mimePart('x-shellscript', hostScript(settings)),
    `--${BOUNDARY}--`,
    '',
  ].join('\n');
  const length = Buffer.byteLength(text);
  if (length > USER_DATA_LIMIT)
    throw new Error(`the user data of ${settings.name} are ${length} bytes; EC2 takes ${USER_DATA_LIMIT}`);
  return text;
}
