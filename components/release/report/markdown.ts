/** The report of a release, for people who were not there. Pure, and the same bytes for the same course. */
import type { Side } from '../runner/samples.ts';
import { began, ended, moment, phaseName, span, verdictOf, type Course, type Stage } from './course.ts';

/** Text that came from outside must be neither markup nor the end of a cell. */
const cell = (text: string): string =>
  text
    .replace(/[\\`*_[\]<>|&~]/g, (sign) => `\\${sign}`)
    .replace(/\s+/g, ' ')
    .trim();

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(...head),
  row(...head.map(() => '---')),
  ...rows.map((cells) => row(...cells)),
];

const OUTCOMES: Readonly<Record<Course['verdict'], string>> = {
  promoted: 'The new version is live.',
  rejected: 'The new version was found bad and taken back; it is not tried again until it changes.',
  error: 'It could not be told whether the new version is good; it was taken back, and may be tried again.',
  undone: 'The release was taken back before its end.',
};

function asked({ points }: Course, side: Side): string {
  const own = points.filter((point) => point.side === side);
  const [requests, failed] = [own.reduce((n, p) => n + p.requests, 0), own.reduce((n, p) => n + p.failed, 0)];
  return `${failed} of ${requests} failed`;
}

const stageRow =
  (course: Course, steps: number) =>
  (stage: Stage): readonly string[] => [
    phaseName(stage.phase, steps),
    stage.weight === undefined ? 'shifting' : `${stage.weight} %`,
    span(stage.from - began(course)),
    span(stage.to - stage.from),
    verdictOf(stage) ?? 'not judged',
  ];

/** @param image where the plot lies, as seen from the report; without one the report has no picture */
export function markdown(course: Course, image?: string): string {
  const { name, stack, strategy, digest, before, verdict, reasons, stages } = course;
  const steps = stages.filter(({ phase }) => phase.startsWith('step-')).length;
  const judged = stages.filter(({ gates }) => gates.length > 0);
  return [
    `# ${name} in ${stack}: ${verdict}`,
    '',
    OUTCOMES[verdict],
    '',
    ...table(
      ['', ''],
      [
        ['Release', `\`${digest}\``],
        ['Before it', before === undefined ? 'nothing: a first install' : `\`${before}\``],
        ['Strategy', strategy],
        ['Began', moment(began(course))],
        ['Took', span(ended(course) - began(course))],
        ['Requests of the analysis to the new version', asked(course, 'candidate')],
        ['Requests of the analysis to the stable version', asked(course, 'stable')],
      ],
    ),
    ...(reasons.length === 0 ? [] : ['', '## Why', '', ...reasons.map((reason) => `- ${cell(reason)}`)]),
    '',
    '## Stages',
    '',
    ...table(['Stage', 'Traffic', 'After', 'For', 'Verdict'], stages.map(stageRow(course, steps))),
    ...(image === undefined ? [] : ['', `![Share of the traffic, failed requests and latency over time](${image})`]),
    ...judged.flatMap(({ phase, gates }) => [
      '',
      `## Gates at ${phaseName(phase, steps)}`,
      '',
      ...table(
        ['Gate', 'Verdict', 'Read', 'Wanted', 'Samples'],
        gates.map((gate) => [
          ...[cell(gate.gate), gate.verdict, cell(gate.reading), cell(gate.limit), String(gate.samples)],
        ]),
      ),
    ]),
    '',
  ].join('\n');
}
