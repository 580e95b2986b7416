/** Which composition a stack is, chosen by its data. A stack loads only what its own host needs. */
import * as pulumi from '@pulumi/pulumi';
import { InputRefused } from '../components/core/index.ts';
import type { GroundArgs } from './aws/ground.ts';
import { loadConfiguration, runningSystem } from './config/load.ts';
import type { SystemName } from './config/systems/index.ts';
import { keepAnswersOutOfLogs } from './debug.ts';
import type { Ground } from './ground.ts';

/** One composition a system. */
const COMPOSITIONS: Readonly<Record<SystemName, () => Promise<object>>> = {
  'corporate-intelligence': async () => {
    const configuration = loadConfiguration('corporate-intelligence');
    const { corporateIntelligence, grounding } = await import('./corporate-intelligence.ts');
    return corporateIntelligence(configuration, await made(grounding(configuration.settings)));
  },
  standalone: async () => {
    const configuration = loadConfiguration('standalone');
    const { standalone } = await import('./standalone.ts');
    return standalone(configuration);
  },
  architect: async () => {
    const configuration = loadConfiguration('architect');
    const { architect, grounding } = await import('./architect.ts');
    return architect(configuration, await made(grounding(configuration.settings)));
  },
  tria: async () => {
    const configuration = loadConfiguration('tria');
    const { tria } = await import('./tria.ts');
    return tria(configuration);
  },
  image: async () => {
    const configuration = loadConfiguration('image');
    const { image } = await import('./image.ts');
    return image(configuration);
  },
};

/** The cluster of a stack that describes `aws`. AWS's provider is loaded here or not at all. */
async function made(args: GroundArgs | undefined): Promise<Ground | undefined> {
  return args && (await import('./aws/ground.ts')).ground(args);
}

async function compose(): Promise<object> {
  keepAnswersOutOfLogs();
  return COMPOSITIONS[runningSystem()]();
}

/** What the stack publishes. Refused input ends the run with its message alone: no stack trace helps to mend it. */
export const outputs: object = await compose().catch((error: unknown) => {
  throw error instanceof InputRefused ? new pulumi.RunError(error.message) : error;
});
