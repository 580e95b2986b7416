/**
 * A line chart as SVG text: panels one above the other over one axis of time. Pure, and the same bytes for the same values.
 *
 * Of our own because it is this much: the chart libraries that draw without a browser bring a data flow engine of two dozen
 * packages (vega) or a document in memory (plot); d3-scale and d3-shape would spare the ticks and the path below, for ten.
 */

export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly dashed?: boolean;
  /** Held until the next value, for what is set and not measured. */
  readonly stepped?: boolean;
  /** `undefined` interrupts the line: nothing was measured there. */
  readonly values: readonly (readonly [x: number, y: number | undefined])[];
}

export interface Panel {
  readonly title: string;
  /** Written behind the numbers of the axis: ` ms`. */
  readonly unit: string;
  /** The axis reaches at least this far. */
  readonly least: number;
  readonly lines: readonly Line[];
  /** A limit that the values should not pass. */
  readonly limit?: number;
}

export interface Chart {
  readonly title: string;
  readonly description: string;
  /** The axis goes from 0 to here, in seconds. */
  readonly seconds: number;
  readonly panels: readonly Panel[];
  /** Moments to draw a line at, with a word. */
  readonly marks: readonly { readonly x: number; readonly label: string }[];
}

const [WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP, BOTTOM] = [940, 64, 76, 84, 150, 44, 34];
const GREY = '#6b7280';

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\p{Cc}\p{Cs}]/gu, ' ');

/** Whole tenths of a pixel: no machine rounds them differently. */
const px = (value: number): string => String(Math.round(value * 10) / 10);

/** About as many ticks as wanted, at 1, 2 or 5 times a power of ten, from 0 to at least the end. */
export function ticks(end: number, wanted: number): number[] {
  const rough = end / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  return Array.from({ length: Math.ceil(end / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

function path({ values, stepped = false }: Line, x: (value: number) => number, y: (value: number) => number): string {
  let drawing = false;
  return values
    .map(([at, value]) => {
      if (value === undefined) {
        drawing = false;
        return '';
      }
      const begun = drawing;
      drawing = true;
      if (!begun) return `M${px(x(at))} ${px(y(value))}h0`;
      return stepped ? `H${px(x(at))}V${px(y(value))}` : `L${px(x(at))} ${px(y(value))}`;
    })
    .join('');
}

function drawn(panel: Panel, top: number, x: (value: number) => number): string[] {
  const highest = Math.max(
    panel.least,
    panel.limit ?? 0,
    ...panel.lines.flatMap(({ values }) => values.map(([, v]) => v ?? 0)),
  );
  const levels = ticks(highest, 4);
  const scale = levels.at(-1)!;
  const y = (value: number): number => top + HEIGHT - (value / scale) * HEIGHT;
  const [right, legend] = [WIDTH - RIGHT, top - 8];
  const labels = panel.lines.map(({ label, colour, dashed }, index) => {
    const at = right - (panel.lines.length - index) * 110;
    const stroke = `stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 3"' : ''}`;
    return `<path d="M${at} ${legend - 4}h22" ${stroke}/><text x="${at + 28}" y="${legend}">${escaped(label)}</text>`;
  });
  return [
    `<text x="${LEFT}" y="${legend}" font-weight="bold">${escaped(panel.title)}</text>`,
    ...(panel.lines.length > 1 ? labels : []),
    ...levels.flatMap((level) => [
      `<path d="M${LEFT} ${px(y(level))}H${right}" stroke="#e5e7eb"/>`,
      `<text x="${LEFT - 8}" y="${px(y(level) + 4)}" text-anchor="end" fill="${GREY}">${level}${escaped(panel.unit)}</text>`,
    ]),
    ...(panel.limit === undefined
      ? []
      : [`<path d="M${LEFT} ${px(y(panel.limit))}H${right}" stroke="#b91c1c" stroke-dasharray="2 3"/>`]),
    ...panel.lines.map(
      (line) =>
        `<path d="${path(line, x, y)}" fill="none" stroke="${line.colour}" stroke-width="2" stroke-linecap="round"${line.dashed ? ' stroke-dasharray="5 3"' : ''}/>`,
    ),
  ];
}

export function chart({ title, description, seconds, panels, marks }: Chart): string {
  const x = (value: number): number => LEFT + (value / seconds) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + panels.length * (HEIGHT + GAP) - GAP;
  const height = bottom + BOTTOM;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="12" fill="#111827">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...panels.flatMap((panel, index) => drawn(panel, TOP + index * (HEIGHT + GAP), x)),
    ...marks.flatMap(({ x: at, label }, index) => [
      `<path d="M${px(x(at))} 30V${bottom}" stroke="${GREY}" stroke-dasharray="1 3"/>`,
      // Words of stages that follow each other closely stand in two rows.
      `<text x="${px(x(at) + 4)}" y="${index % 2 === 0 ? 40 : 54}" fill="${GREY}">${escaped(label)}</text>`,
    ]),
    ...ticks(seconds, 8)
      .filter((tick) => tick <= seconds)
      .map(
        (tick) => `<text x="${px(x(tick))}" y="${bottom + 18}" text-anchor="middle" fill="${GREY}">${tick} s</text>`,
      ),
    '</svg>',
    '',
  ].join('\n');
}
