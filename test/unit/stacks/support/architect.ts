/** A stack of the Architect Dashboard API under strict mocks. */
import { architect, type ArchitectOutputs } from '../../../../stacks/architect.ts';
import { parse } from '../../../../stacks/config/load.ts';
import { planned, type Made } from '../../support/mocks.ts';
import { rawOf, type Groups } from './raw.ts';

export interface ArchitectComposed {
  readonly made: readonly Made[];
  readonly outputs: ArchitectOutputs;
}

export async function architectOf(groups: Groups): Promise<ArchitectComposed> {
  let outputs: ArchitectOutputs | undefined;
  const made = await planned(() => {
    outputs = architect({ settings: parse(rawOf(groups), 'test', 'architect'), secrets: {} });
  });
  return { made, outputs: outputs! };
}
