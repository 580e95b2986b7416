/** What an Anchor does: imported by its shell inside the provider host. Contacts nobody. */
import { bytes, explain, type Bytes, type Problem } from '../core/index.ts';
import type { AnchorInputs } from './anchor.ts';

const RUNBOOK = 'docs/runbooks/move-data.md';
const MOVE = `nothing was changed: put it back, or move the data first (${RUNBOOK})`;

/** Why these inputs are refused where those before hold data. Nothing before: everything may be stated. */
export function refusals(before: Partial<AnchorInputs>, inputs: AnchorInputs): Problem[] {
  const at = (setting: string): string => `${inputs.component}.${setting}`;
  const moved = Object.entries(before.fixed ?? {})
    .filter(([setting, value]) => inputs.fixed[setting] !== value)
    .map(([setting, value]) => ({
      where: at(setting),
      found: told(inputs.fixed[setting]),
      wanted: `${told(value)}, as when its data were laid down`,
      remedy: MOVE,
    }));
  const shrunk = Object.entries(before.growing ?? {})
    .filter(([setting, size]) => bytes((inputs.growing[setting] ?? '0') as Bytes) < bytes(size as Bytes))
    .map(([setting, size]) => ({
      where: at(setting),
      found: told(inputs.growing[setting]),
      wanted: `${size} or more: a volume cannot shrink`,
      remedy: MOVE,
    }));
  return [...moved, ...shrunk];
}

/** A value as the message shows it; a setting that is left out is the cluster's to decide. */
const told = (value: string | number | boolean | undefined): string =>
  value === undefined || value === '' ? 'the default' : String(value);

/** Called while a plan is made. */
export function check(before: Partial<AnchorInputs>, inputs: AnchorInputs): { property: string; reason: string }[] {
  return refusals(before, inputs).map((problem) => ({ property: '', reason: explain(problem) }));
}

type Outs = Record<string, unknown>;

export const create = (inputs: AnchorInputs): Promise<{ id: string; outs: Outs }> =>
  Promise.resolve({ id: inputs.component, outs: { ...inputs } });

export const update = (_id: string, _before: unknown, inputs: AnchorInputs): Promise<{ outs: Outs }> =>
  Promise.resolve({ outs: { ...inputs } });
