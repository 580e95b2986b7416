/** A certificate that signs itself, out of 32 bytes: the same bytes give the same one, so that no plan differs for it. Pure. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** One value of DER: its tag, its length, its content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const SEQUENCE = 0x30;
const sequence = (...parts: readonly Buffer[]): Buffer => der(SEQUENCE, ...parts);
const object = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const number = (value: number): Buffer => der(0x02, Buffer.from([value]));
const ascii = (tag: number, text: string): Buffer => der(tag, Buffer.from(text, 'ascii'));

const ED25519 = object(0x2b, 0x65, 0x70);
const COMMON_NAME = object(0x55, 0x04, 0x03);
const ALTERNATIVE_NAME = object(0x55, 0x1d, 0x11);

/** Without an end (RFC 5280): nobody would notice one, and nobody could renew it. */
const LASTING = sequence(ascii(0x17, '260101000000Z'), ascii(0x18, '99991231235959Z'));

const pem = (what: string, body: Buffer): string =>
  `-----BEGIN ${what}-----\n${body.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${what}-----\n`;

export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

/**
 * @param seed 32 bytes, which are the private key (RFC 8032)
 * @param host the one name it is for
 */
export function selfSigned(seed: Buffer, host: string): SelfSigned {
  if (seed.length !== 32) throw new Error(`a key of Ed25519 has 32 bytes, not ${seed.length}`);
  const secret = sequence(number(0), sequence(ED25519), der(0x04, der(0x04, seed)));
  const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  const name = sequence(der(0x31, sequence(COMMON_NAME, ascii(0x0c, host))));
  const names = sequence(ALTERNATIVE_NAME, der(0x04, sequence(ascii(0x82, host))));
  const said = sequence(
    // Version 3, the first one with names beside the subject's.
    ...[der(0xa0, number(2)), number(1), sequence(ED25519), name, LASTING, name],
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(names)),
  );
  const signature = der(0x03, Buffer.from([0]), sign(null, said, key));
  return {
    certificate: pem('CERTIFICATE', sequence(said, sequence(ED25519), signature)),
    key: pem('PRIVATE KEY', secret),
  };
}
