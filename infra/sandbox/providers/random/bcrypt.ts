/**
 * bcrypt, which neither Node nor the SDK brings along: the official plugin puts the hash of each password into its
 * state, and programs may read it. Provos and Mazières, "A Future-Adaptable Password Scheme", 1999.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SALT_BYTES = 16;
/** Longer passwords are cut: bcrypt looks at no more. */
const PASSWORD_BYTES = 72;
const ROUNDS = 16;
const SUBKEYS = ROUNDS + 2;
const BOX = 256;
const BOXES = 4;
const MAGIC = 'OrpheanBeholderScryDoubt';
const MAGIC_REPEATS = 64;
const HASH_BYTES = 23;

/** The first words of the fraction of pi, from which Blowfish starts: Machin's formula in fixed point. */
function wordsOfPi(count: number): Uint32Array {
  const guard = 64n;
  const bits = BigInt(count) * 32n + guard;
  const arctanOfInverse = (n: bigint): bigint => {
    let [sum, term] = [0n, (1n << bits) / n];
    for (let k = 1n; term !== 0n; k += 2n, term /= n * n) sum += k % 4n === 1n ? term / k : -(term / k);
    return sum;
  };
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  const hex = (pi >> guard)
    .toString(16)
    .slice(1)
    .padStart(count * 8, '0');
  return Uint32Array.from({ length: count }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

let pristine: Uint32Array | undefined;

/** Reads words from bytes, round and round. */
function cycle(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let word = 0;
    for (let i = 0; i < 4; i++) word = (word << 8) | bytes[at++ % bytes.length]!;
    return word >>> 0;
  };
}

class Blowfish {
  readonly #p: Uint32Array;
  readonly #s: Uint32Array;

  constructor() {
    pristine ??= wordsOfPi(SUBKEYS + BOXES * BOX);
    this.#p = pristine.slice(0, SUBKEYS);
    this.#s = pristine.slice(SUBKEYS);
  }

  encrypt(left: number, right: number): [number, number] {
    const [p, s] = [this.#p, this.#s];
    for (let i = 0; i < ROUNDS; i += 2) {
      left = (left ^ p[i]!) >>> 0;
      right = (right ^ this.#mix(s, left)) >>> 0;
      right = (right ^ p[i + 1]!) >>> 0;
      left = (left ^ this.#mix(s, right)) >>> 0;
    }
    return [(right ^ p[ROUNDS + 1]!) >>> 0, (left ^ p[ROUNDS]!) >>> 0];
  }

  #mix(s: Uint32Array, word: number): number {
    const sum = (s[word >>> 24]! + s[BOX + ((word >>> 16) & 255)]!) >>> 0;
    return ((sum ^ s[2 * BOX + ((word >>> 8) & 255)]!) + s[3 * BOX + (word & 255)]!) >>> 0;
  }

  /** Makes the tables depend on a key, and on a salt where there is one. */
  schedule(key: Uint8Array, salt?: Uint8Array): void {
    const nextKey = cycle(key);
    for (let i = 0; i < SUBKEYS; i++) this.#p[i] = (this.#p[i]! ^ nextKey()) >>> 0;
    const nextSalt = salt ? cycle(salt) : () => 0;
    let [left, right] = [0, 0];
    for (const table of [this.#p, this.#s]) {
      for (let i = 0; i < table.length; i += 2) {
        [left, right] = this.encrypt((left ^ nextSalt()) >>> 0, (right ^ nextSalt()) >>> 0);
        table[i] = left;
        table[i + 1] = right;
      }
    }
  }
}

/** Base 64 with an alphabet of its own, without padding. */
function encode(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET[(held >> (bits - 6)) & 63]!;
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63]! : text;
}

/**
 * The hash of a password, as `$2a$<cost>$<salt><hash>`.
 *
 * @param cost the logarithm of the number of rounds: 10 takes about a tenth of a second, 11 twice that
 */
export function bcrypt(password: string, cost = 10, salt: Uint8Array = randomBytes(SALT_BYTES)): string {
  const key = Buffer.from(`${password}\0`).subarray(0, PASSWORD_BYTES);
  const cipher = new Blowfish();
  cipher.schedule(key, salt);
  for (let i = 0; i < 2 ** cost; i++) {
    cipher.schedule(key);
    cipher.schedule(salt);
  }
  const hash = Buffer.from(MAGIC);
  for (let at = 0; at < hash.length; at += 8) {
    let words: [number, number] = [hash.readUInt32BE(at), hash.readUInt32BE(at + 4)];
    for (let i = 0; i < MAGIC_REPEATS; i++) words = cipher.encrypt(...words);
    hash.writeUInt32BE(words[0], at);
    hash.writeUInt32BE(words[1], at + 4);
  }
  return `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(hash.subarray(0, HASH_BYTES))}`;
}
