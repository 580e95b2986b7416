/**
 * The approvals of a release (B-SIGN-1, E-SIGN-1): one signature a role, in files beside the program, made and checked with
 * OpenSSH. Whoever may change a stack's `allowed_signers`, or the roles in its configuration, decides who approves: protect
 * both by review.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problems, shown, type Problem } from '../../core/index.ts';
import { holdsBoth } from './signers.ts';
import { fits, keyIn, principals, verify } from './ssh.ts';
import { command, signatureFile, signerLine, signersFile, statement, type Asked } from './statement.ts';

/** What did not happen to whoever is refused here. */
const UNRELEASED = 'nothing was released';

export interface ApprovalsArgs {
  /** The folder of the approvals, as it is reached from where commands are typed: `approvals`. */
  readonly folder: string;
  readonly stack: string;
  /** All 64 digits of the release's digest. */
  readonly release: string;
  /** Which try of it: from the second on it stands in what is signed. @default 1 */
  readonly attempt?: number;
  /** Who has to approve, each with a key of his own. None: nothing is asked, and nothing is read. */
  readonly roles: readonly string[];
}

/** One approval that was given. */
export interface Approval {
  readonly role: string;
  /** The other names of the signer's line: `alice@example.com`. */
  readonly who: readonly string[];
  /** `ED25519 SHA256:…` */
  readonly key: string;
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** A file's content; undefined where there is none. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * All approvals that are asked for.
 *
 * @throws InputRefused with one problem for each that is missing or does not count, and the command that gives it
 */
export async function approvals({
  folder,
  stack,
  release,
  roles,
  attempt = 1,
}: ApprovalsArgs): Promise<readonly Approval[]> {
  const problems = new Problems();
  const source = `The approval of release ${release} in stack ${stack}`;
  // They become parts of paths and of the text that is signed.
  for (const [where, value, pattern, wanted] of [
    ['stack', stack, NAME, 'lower-case letters, digits and inner hyphens'],
    ['release', release, DIGEST, 'the 64 hexadecimal digits of a release'],
    ...roles.map((role) => ['roles', role, NAME, 'lower-case letters, digits and inner hyphens'] as const),
  ] as const) {
    problems.require(pattern.test(value), { where, found: shown(value), wanted });
  }
  problems.throwIfAny(source, UNRELEASED);
  if (roles.length === 0) return [];

  const signers = join(folder, signersFile(stack));
  if (textOf(signers) === undefined) {
    problems.add({
      ...{ where: signers, found: 'no such file', wanted: 'a line for each role: who may sign' },
      remedy: `write lines like ${signerLine(roles[0]!)}`,
    });
    problems.throwIfAny(source, UNRELEASED);
  }
  const given: Approval[] = [];
  for (const role of roles) {
    const asked = { stack, release, role, attempt };
    const answer = await judge(folder, signers, asked);
    const twin = 'role' in answer ? given.find(({ key }) => key === answer.key) : undefined;
    if (!('role' in answer)) problems.add(answer);
    else if (twin !== undefined && !holdsBoth(readFileSync(signers, 'utf8'), answer.key, [twin.role, role])) {
      problems.add({
        ...{
          where: join(folder, signatureFile(asked)),
          found: `a signature by the key of ${twin.role} (${answer.key})`,
        },
        wanted: `the signature of ${role} by another key: each role is somebody's own word`,
        remedy: `have somebody else sign; or, where one person shall hold both, name both in one line of ${signers}, by review: ${signerLine(twin.role, role)}`,
      });
    } else given.push(answer);
  }
  problems.throwIfAny(source, UNRELEASED);
  return given;
}

async function judge(folder: string, signers: string, asked: Asked): Promise<Approval | Problem> {
  const { role, release, attempt = 1 } = asked;
  const file = join(folder, signatureFile(asked));
  const refused = (found: string, remedy = `sign: ${command(folder, asked)}`): Problem => ({
    ...{ where: file, found, remedy },
    wanted: `the signature of ${role} for release ${release}${tryOf(attempt)}`,
  });
  const signature = textOf(file);
  if (signature === undefined) return refused('no such file');

  const verified = await verify(signers, role, file, statement(asked));
  const names = await principals(signers, file);
  if (verified.good) return { role, who: names.filter((name) => name !== role), key: keyIn(verified.text) };

  const fitting = await fits(file, statement(asked));
  if (!fitting.good) return refused(await otherwise(folder, file, signature, asked));
  const key = keyIn(fitting.text);
  const allow = `have ${role} sign, or add the signer to ${signers}: ${signerLine(role)}`;
  if (names.length === 0) return refused(`a signature of an unknown signer (${key})`, allow);
  if (!names.includes(role)) return refused(`a signature of ${names.join(', ')} (${key})`, allow);
  return refused(`a signature that does not count (${key}): ${verified.complaint || verified.text}`, allow);
}

/** Nothing for the first: that is what people sign. */
const tryOf = (attempt: number): string => (attempt > 1 ? `, attempt ${attempt}` : '');

/** What a signature is that does not fit the text: for another release or role that is known here, or for nothing known. */
async function otherwise(folder: string, file: string, signature: string, asked: Asked): Promise<string> {
  if (!signature.startsWith('-----BEGIN SSH SIGNATURE-----')) return 'a file that is no SSH signature';
  const { stack, release, role, attempt = 1 } = asked;
  const entries = (path: string): string[] => readdirSync(path, { withFileTypes: true }).map(({ name }) => name);
  const releases = entries(join(folder, stack)).filter((name) => DIGEST.test(name) && name !== release);
  const roles = entries(join(folder, stack, release))
    .map((name) => name.replace(/\.sig$/, ''))
    .filter((name) => NAME.test(name) && name !== role);
  const others: readonly Asked[] = [
    ...Array.from({ length: Math.min(attempt - 1, 5) }, (_, index) => ({
      stack,
      release,
      role,
      attempt: attempt - 1 - index,
    })),
    ...releases.map((other) => ({ stack, release: other, role })),
    ...roles.map((other) => ({ stack, release, role: other })),
  ];
  for (const other of others) {
    if ((await fits(file, statement(other))).good) {
      if (other.release !== release) return `a signature for release ${other.release}`;
      return other.role === role ? `a signature for attempt ${other.attempt ?? 1}` : `a signature as ${other.role}`;
    }
  }
  return 'a signature that does not fit: it was made for another release, stack or role, or another attempt, or the file was changed';
}
