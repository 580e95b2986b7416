/** What an approver signs, where the signature lies, and how it is made. Pure. */

/** Signatures made for another purpose are none here, and ours none elsewhere. */
export const NAMESPACE = 'platform-release';

/** Who approves, beside whom nobody else is asked: the roles of B-SIGN-1. */
export const SIGN_OFF_B = ['engineering-lead', 'devops-lead', 'security-lead', 'product-lead'] as const;

/** The roles of E-SIGN-1. */
export const SIGN_OFF_E = ['technical-lead', 'devops-lead', 'performance-analyst', 'security-team'] as const;

/** One approval that is asked for. */
export interface Asked {
  readonly stack: string;
  /** All 64 digits of the release's digest. */
  readonly release: string;
  readonly role: string;
  /** Which try of the version. @default 1 */
  readonly attempt?: number;
}

/**
 * The text that is signed. The stack and the role stand in it: a signature that was copied to another stack or under
 * another role's name fits nothing there. So does the attempt from the second on: trying again what was rejected is a new
 * decision, and who approved the first try has not made it.
 */
export const statement = ({ stack, release, role, attempt = 1 }: Asked): string =>
  [
    ...['platform release approval 1', `stack ${stack}`, `release ${release}`, `role ${role}`],
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    '',
  ].join('\n');

/** Within the folder of the approvals. */
export const signatureFile = ({ stack, release, role }: Asked): string => `${stack}/${release}/${role}.sig`;

/** Whose signatures count for a stack; the principals in it are the roles. */
export const signersFile = (stack: string): string => `${stack}/allowed_signers`;

/** The line that lets somebody sign, in one role or in several. */
export const signerLine = (...roles: readonly string[]): string =>
  `${roles.join(',')} namespaces="${NAMESPACE}" ssh-ed25519 AAAA… name@example.com`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that approves, from the checkout, as it can be pasted. */
export function command(folder: string, asked: Asked): string {
  const file = `${folder}/${signatureFile(asked)}`;
  const text = quoted(statement(asked).replaceAll('\n', '\\n'));
  return (
    `mkdir -p ${quoted(file.slice(0, file.lastIndexOf('/')))} && printf ${text} | ` +
    `ssh-keygen -q -Y sign -n ${NAMESPACE} -f ~/.ssh/id_ed25519 > ${quoted(file)}`
  );
}
