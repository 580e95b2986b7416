/**
 * The envelope of MinIO's admin API: whoever sends credentials encrypts them with their own secret key, so that a proxy
 * that ends TLS does not see them. One of the three forms that the server opens: PBKDF2 and AES-256-GCM in a stream of
 * blocks. Node has both built in; the others want Argon2.
 *
 *     salt 32 | form 1 | nonce 8 | block, tag 16 | … | last block, tag 16
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

const PBKDF2_AES_GCM = 2;
const ROUNDS = 8192;
const [SALT, NONCE, TAG, BLOCK] = [32, 8, 16, 16 * 1024];
const HEADER = SALT + 1 + NONCE;

const keyOf = (secretKey: string, salt: Buffer): Buffer => pbkdf2Sync(secretKey, salt, ROUNDS, 32, 'sha256');

/** A block's nonce: the stream's, and the number of the block. */
function numbered(nonce: Buffer, block: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(block);
  return Buffer.concat([nonce, number]);
}

/** What each block is bound to: whether it is the last, and the tag over the stream's own (here: no) extra data. */
function bindingOf(key: Buffer, nonce: Buffer): (last: boolean) => Buffer {
  const empty = createCipheriv('aes-256-gcm', key, numbered(nonce, 0));
  empty.final();
  const tag = empty.getAuthTag();
  return (last) => Buffer.concat([Buffer.from([last ? 0x80 : 0x00]), tag]);
}

/** Encrypts text for the server that knows `secretKey`. The same text gives another envelope each time. */
export function seal(secretKey: string, text: string): Buffer {
  const [salt, nonce, data] = [randomBytes(SALT), randomBytes(NONCE), Buffer.from(text)];
  const key = keyOf(secretKey, salt);
  const binding = bindingOf(key, nonce);
  const parts: Buffer[] = [salt, Buffer.from([PBKDF2_AES_GCM]), nonce];
  const blocks = Math.max(1, Math.ceil(data.length / BLOCK));
  for (let block = 1; block <= blocks; block++) {
    const cipher = createCipheriv('aes-256-gcm', key, numbered(nonce, block));
    cipher.setAAD(binding(block === blocks));
    const inner = data.subarray((block - 1) * BLOCK, block * BLOCK);
    parts.push(cipher.update(inner), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

/** @throws when the envelope is of another form, was sealed with another key, or was changed or cut */
export function unseal(secretKey: string, envelope: Buffer): string {
  if (envelope.length < HEADER + TAG || envelope[SALT] !== PBKDF2_AES_GCM)
    throw new Error('not an envelope of this form');
  const [salt, nonce] = [envelope.subarray(0, SALT), envelope.subarray(SALT + 1, HEADER)];
  const key = keyOf(secretKey, salt);
  const binding = bindingOf(key, nonce);
  const parts: Buffer[] = [];
  for (let [block, at] = [1, HEADER]; at < envelope.length; block++, at += BLOCK + TAG) {
    const piece = envelope.subarray(at, at + BLOCK + TAG);
    const cipher = createDecipheriv('aes-256-gcm', key, numbered(nonce, block));
    cipher.setAAD(binding(at + BLOCK + TAG >= envelope.length));
    cipher.setAuthTag(piece.subarray(-TAG));
    parts.push(cipher.update(piece.subarray(0, -TAG)), cipher.final());
  }
  return Buffer.concat(parts).toString('utf8');
}
