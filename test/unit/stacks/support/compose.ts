/** A whole stack under strict mocks. */
import * as pulumi from '@pulumi/pulumi';
import { parse } from '../../../../stacks/config/load.ts';
import { corporateIntelligence } from '../../../../stacks/corporate-intelligence.ts';
import type { Outputs } from '../../../../stacks/outputs.ts';
import { planned, type Made } from '../../support/mocks.ts';
import { groupsOf, rawOf, type Groups } from './raw.ts';

export interface Composed {
  readonly made: readonly Made[];
  readonly outputs: Outputs;
}

/** The resources and the outputs of a stack's groups. */
export async function composed(groups: Groups): Promise<Composed> {
  let outputs: Outputs | undefined;
  const made = await planned(() => {
    outputs = corporateIntelligence({
      settings: parse(rawOf(groups), 'test'),
      secrets: { sentryDsn: pulumi.secret('https://key@sentry.example.com/1') },
    });
  });
  return { made, outputs: outputs! };
}

export const local = (): Groups => groupsOf('local');
