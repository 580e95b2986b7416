/** The gates' questions asked again, read-only, at any time: what `make verify` runs. */
import { milliseconds } from '../core/index.ts';
import { FOLDER, type Evidence, type GateInputs } from './gate.ts';
import { PATIENCE, type Patience } from './patience.ts';
import type { Kind } from './questions.ts';
import { ask } from './run.ts';

/** Enough for one lost connection; a platform that stands needs no more. */
export const SHORT = {
  perTry: '10s',
  interval: '2s',
  successes: 1,
  failureLimit: 2,
  errorLimit: 3,
  deadline: '20s',
} as const satisfies Patience;

const TYPE = `pulumi-nodejs:dynamic/${FOLDER}:`;

/** The kind of gate that a resource type stands for; none when it is something else. */
export function kindOf(type: string): Kind | undefined {
  const kind = type.startsWith(TYPE) ? type.slice(TYPE.length) : '';
  return Object.hasOwn(PATIENCE, kind) ? (kind as Kind) : undefined;
}

/** A gate as it stands in a stack's exported state. */
export interface StoredGate {
  readonly type: string;
  readonly inputs: GateInputs;
}

/** The part of `pulumi stack export` that is read here. */
export interface ExportedState {
  readonly deployment: {
    readonly resources?: readonly {
      readonly type: string;
      /** Set on what is replaced and still to be deleted. */
      readonly delete?: boolean;
      readonly inputs?: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** The gates in a state, by name. What is only waiting to be deleted is not asked. */
export const gatesIn = (state: ExportedState): StoredGate[] =>
  (state.deployment.resources ?? [])
    .filter(({ type, delete: replaced }) => kindOf(type) !== undefined && replaced !== true)
    .map(({ type, inputs }) => ({ type, inputs: inputs as unknown as GateInputs }))
    .toSorted((a, b) => (a.inputs.name < b.inputs.name ? -1 : 1));

/**
 * Asks the question of one gate, as it stands in the state.
 *
 * @throws when the type is not that of a gate
 */
export async function verify(type: string, inputs: GateInputs): Promise<Evidence> {
  if (kindOf(type) === undefined) throw new Error(`${type} is not a gate`);
  return ask(inputs, patienceFor(inputs));
}

/** After a restart, a short window may well be waited for: a machine that was just started has restarted everything. */
function patienceFor(inputs: GateInputs): Patience {
  if (inputs.kind === 'LoadGate') {
    // The load itself, and the last answers of it.
    return { ...SHORT, perTry: `${milliseconds(inputs.duration) + 40_000}ms`, failureLimit: 1, errorLimit: 1 };
  }
  if (inputs.kind !== 'RestartGate') return SHORT;
  const window = milliseconds(inputs.window);
  return window > 60_000 ? SHORT : { ...SHORT, failureLimit: 'none', deadline: `${window + 10_000}ms` };
}
