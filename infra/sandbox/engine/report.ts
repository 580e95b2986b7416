/** A plan in a few lines of Markdown, for a pull request. Property values stay out: they are in the JSON. */
import { costDrivers, costReport, standing, type Prices } from './costs.ts';
import type { Plan, Step } from './plan.ts';

const QUIET = new Set(['same', 'read', 'read-replacement', 'refresh']);
/** The halves of a replacement are told as one. */
const HALVES = new Set(['create-replacement', 'delete-replaced']);
const MOST_PROPERTIES = 8;
/** The engine notes where it found an echoing plugin; that it echoes, the plugin says itself. */
const ECHOING = /^(warning: )?using pulumi-resource-\S+ from \$PATH at \S+\/providers\/echo\//;

export const changing = ({ steps = [] }: Plan): readonly Step[] =>
  steps.filter(({ op }) => !QUIET.has(op) && !HALVES.has(op));

const nameOf = (urn: string): string => urn.split('::').at(-1)!;
const typeOf = (urn: string): string => urn.split('::')[2]!.split('$').at(-1)!;

function properties({ detailedDiff, diffReasons = [], replaceReasons = [] }: Step): string {
  const paths = [...new Set([...Object.keys(detailedDiff ?? {}), ...diffReasons, ...replaceReasons])];
  const shown = paths.slice(0, MOST_PROPERTIES).map((path) => `\`${path}\``);
  return paths.length > MOST_PROPERTIES
    ? `${shown.join(', ')} and ${paths.length - MOST_PROPERTIES} more`
    : shown.join(', ');
}

const line = (step: Step): string => `| ${step.op} | ${typeOf(step.urn)} | ${nameOf(step.urn)} | ${properties(step)} |`;

/** What the code of a dynamic resource says while a plan is made comes as `info#err`: that a release was rejected, for one. */
const TOLD: Readonly<Record<string, string>> = { error: 'error', warning: 'warning', 'info#err': 'note' };

/** What was noted, each once, without the lines that only trace the engine's work. */
function notes({ diagnostics = [] }: Plan): string[] {
  const told = diagnostics.filter(({ severity }) => severity in TOLD).filter(({ message }) => !ECHOING.test(message));
  const texts = told.map(({ severity, message, urn }) => {
    const where = urn === undefined || urn === '' ? '' : `${nameOf(urn)}: `;
    return `- **${TOLD[severity]!}** ${where}${message
      .trim()
      .replace(/^(error|warning): /, '')
      .replaceAll('\n', '\n  ')}`;
  });
  return [...new Set(texts)];
}

/**
 * @param stack its name
 * @param against what the plan was compared with: `its own state.`
 * @param prices default: what it costs by, and no money
 */
export function report(stack: string, against: string, plan: Plan, failed: boolean, prices?: Prices): string {
  const steps = changing(plan);
  const counts = Object.entries(plan.changeSummary ?? {}).map(([op, count]) => `${count} ${op}`);
  const said = notes(plan);
  // Of a plan that failed half is missing.
  const costs = failed ? [] : costReport(costDrivers(standing(plan)), prices);
  return [
    `## Preview of \`${stack}\`: ${failed ? 'failed' : steps.length === 0 ? 'no changes' : `${steps.length} changes`}`,
    '',
    `Compared with ${against} ${counts.join(', ')}.`,
    ...(steps.length === 0 ? [] : ['', '| | kind | name | properties |', '|---|---|---|---|', ...steps.map(line)]),
    ...(costs.length === 0 ? [] : ['', ...costs]),
    ...(said.length === 0 ? [] : ['', ...said]),
    '',
  ].join('\n');
}
