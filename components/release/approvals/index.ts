/** Signatures that a release needs before it starts. */
export { approvals, type Approval, type ApprovalsArgs } from './approvals.ts';
export { command, NAMESPACE, SIGN_OFF_B, SIGN_OFF_E, signersFile, statement } from './statement.ts';
