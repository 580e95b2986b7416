/** Which composition a stack is, chosen by its data. A stack loads only what its own host needs. */
import * as pulumi from '@pulumi/pulumi';
import { InputRefused } from '../components/core/index.ts';
import { loadConfiguration } from './config/load.ts';
import { keepAnswersOutOfLogs } from './debug.ts';
import type { Outputs } from './outputs.ts';

async function compose(): Promise<Outputs> {
  keepAnswersOutOfLogs();
  const configuration = loadConfiguration();
  const { corporateIntelligence } = await import('./corporate-intelligence.ts');
  return corporateIntelligence(configuration);
}

/** What the stack publishes. Refused input ends the run with its message alone: no stack trace helps to mend it. */
export const outputs: Outputs = await compose().catch((error: unknown) => {
  throw error instanceof InputRefused ? new pulumi.RunError(error.message) : error;
});
