/** The kinds of random values, and what stands in the state of each: the fields of the official plugin. */
import { secret, type Tree, type Value } from '../shared/values.ts';
import { bcrypt } from './bcrypt.ts';
import { text, type Rules, type Source } from './source.ts';

export interface Kind {
  /** Every input but `keepers`, with what it is when it is left out. Any change makes another value. */
  readonly inputs: Readonly<Record<string, Value>>;
  readonly required: readonly string[];
  /** What is made, and is not known before. */
  readonly made: readonly string[];
  /** Which of it is secret. */
  readonly secrets: readonly string[];
  /** The version of the state's shape, where the official plugin writes one. */
  readonly schema?: string;
  /** @param given the inputs, complete */
  readonly make: (
    given: Tree,
    source: Source,
  ) => { readonly id: string; readonly values: Readonly<Record<string, Value>> };
}

const SPECIAL = '!@#$%&*()-_=+[]{}<>:?';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

const TEXT_INPUTS = {
  length: null,
  lower: true,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  minUpper: 0,
  number: true,
  numeric: true,
  overrideSpecial: null,
  special: true,
  upper: true,
};

function rules(given: Tree): Rules {
  const of = (alphabet: string, allowed: string, least: string) => ({
    alphabet,
    allowed: given[allowed] === true,
    least: Number(given[least]),
  });
  const special =
    typeof given.overrideSpecial === 'string' && given.overrideSpecial !== '' ? given.overrideSpecial : SPECIAL;
  return {
    length: Number(given.length),
    classes: [
      of(LOWER, 'lower', 'minLower'),
      of(LOWER.toUpperCase(), 'upper', 'minUpper'),
      of(DIGITS, 'numeric', 'minNumeric'),
      of(special, 'special', 'minSpecial'),
    ],
  };
}

const password: Kind = {
  inputs: TEXT_INPUTS,
  required: ['length'],
  made: ['result', 'bcryptHash', 'id'],
  secrets: ['result', 'bcryptHash'],
  schema: '3',
  make: (given, source) => {
    const result = text(source, rules(given));
    return { id: 'none', values: { result, bcryptHash: bcrypt(result) } };
  },
};

const string: Kind = {
  inputs: TEXT_INPUTS,
  required: ['length'],
  made: ['result', 'id'],
  secrets: [],
  schema: '2',
  make: (given, source) => {
    const result = text(source, rules(given));
    return { id: result, values: { result } };
  },
};

const bytes: Kind = {
  inputs: { length: null },
  required: ['length'],
  made: ['base64', 'hex'],
  secrets: ['base64', 'hex'],
  make: (given, source) => {
    const made = source(Number(given.length));
    const base64 = made.toString('base64');
    return { id: base64, values: { base64, hex: made.toString('hex') } };
  },
};

const id: Kind = {
  inputs: { byteLength: null, prefix: null },
  required: ['byteLength'],
  made: ['b64Std', 'b64Url', 'dec', 'hex', 'id'],
  secrets: [],
  make: (given, source) => {
    const made = source(Number(given.byteLength));
    const prefix = typeof given.prefix === 'string' ? given.prefix : '';
    const url = made.toString('base64url');
    const values = {
      b64Std: prefix + made.toString('base64'),
      b64Url: prefix + url,
      dec: prefix + BigInt(`0x${made.toString('hex')}`).toString(),
      hex: prefix + made.toString('hex'),
    };
    return { id: url, values };
  },
};

const uuid: Kind = {
  inputs: {},
  required: [],
  made: ['result', 'id'],
  secrets: [],
  make: (_given, source) => {
    const made = source(16);
    // The version and the variant of RFC 9562: random, and laid out like all others.
    made[6] = (made[6]! & 0x0f) | 0x40;
    made[8] = (made[8]! & 0x3f) | 0x80;
    const result = made.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { id: result, values: { result } };
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  'random:index/randomPassword:RandomPassword': password,
  'random:index/randomString:RandomString': string,
  'random:index/randomBytes:RandomBytes': bytes,
  'random:index/randomId:RandomId': id,
  'random:index/randomUuid:RandomUuid': uuid,
};

/** @throws for a kind that only the official plugin has */
export function kindOf(type: string): Kind {
  const kind = KINDS[type];
  if (kind) return kind;
  const known = Object.keys(KINDS).map((token) => token.split(':').at(-1));
  throw new Error(`the fallback random plugin makes ${known.join(', ')}, not ${type}: install the official plugin`);
}

/** The inputs with what was left out filled in. What stays empty is left out. */
export function complete(kind: Kind, given: Tree): Tree {
  const { keepers } = given;
  const filled = Object.entries(kind.inputs).map(([key, value]) => [key, given[key] ?? value] as const);
  // Two names for one thing, the first of them deprecated.
  const numeric = given.numeric ?? given.number;
  const both = 'numeric' in kind.inputs && numeric !== undefined ? { number: numeric, numeric } : {};
  return {
    ...Object.fromEntries(filled.filter(([, value]) => value !== null)),
    ...both,
    ...(keepers !== undefined && keepers !== null && { keepers }),
  };
}

/** What stands in the state. */
export function stateOf(kind: Kind, given: Tree, made: Tree): Tree {
  const values = Object.entries(made).map(([key, value]) => [key, kind.secrets.includes(key) ? secret(value) : value]);
  return {
    ...complete(kind, given),
    ...(Object.fromEntries(values) as Tree),
    ...(kind.schema !== undefined && { __meta: JSON.stringify({ schema_version: kind.schema }) }),
  };
}
