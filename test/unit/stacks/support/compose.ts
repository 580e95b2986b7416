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

const made = new Map<string, Promise<Composed>>();

/** The resources and the outputs of a stack's groups, made once for each text of them: production's takes two seconds. */
export function composed(groups: Groups): Promise<Composed> {
  const key = JSON.stringify(groups);
  const found = made.get(key) ?? compose(groups);
  made.set(key, found);
  return found;
}

async function compose(groups: Groups): Promise<Composed> {
  let outputs: Outputs | undefined;
  const all = await planned(() => {
    outputs = corporateIntelligence({
      settings: parse(rawOf(groups), 'test'),
      secrets: { sentryDsn: pulumi.secret('https://key@sentry.example.com/1') },
    });
  });
  return { made: all, outputs: outputs! };
}

export const local = (): Groups => groupsOf('local');
