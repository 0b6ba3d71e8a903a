/** Plots as SVG: no library, colours from the page. */

export type Series = {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
};

export type Plot = {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Logarithm of base 2 on the x axis. */
  readonly logX?: boolean;
  /** A horizontal line, such as the goal. */
  readonly goal?: number;
};

const WIDTH = 460;
const HEIGHT = 280;
const LEFT = 52;
const TOP = 26;
const RIGHT = 12;
const BOTTOM = 40;
/** Colours are c0 … c7 of the page. */
export const COLOR_COUNT = 8;

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Round steps: 1, 2, 5 times a power of ten. */
export function ticks(max: number, countMax: number): number[] {
  if (!(max > 0)) return [0];
  const rough = max / countMax;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let n = 0; n * step <= max * 1.0001; n += 1) found.push(n * step);
  return found;
}

function text(n: number): string {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(3))}M`;
  if (n >= 1e4) return `${Number((n / 1e3).toPrecision(3))}k`;
  return String(Number(n.toPrecision(3)));
}

export function plotSvg({ title, x, y, series, logX = false, goal }: Plot): string {
  const points = series.flatMap((each) => each.points);
  const xs = [...new Set(points.map(([at]) => at))].sort((a, b) => a - b);
  const place = (at: number): number => (logX ? Math.log2(Math.max(at, 0.5)) : at);
  const [low, high] = [place(xs[0] ?? 0), place(xs.at(-1) ?? 1)];
  const top = Math.max(...points.map(([, value]) => value), goal ?? 0, 1e-9);
  const px = (at: number): number =>
    LEFT + ((place(at) - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const py = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (const tick of ticks(top, 5)) {
    const at = py(tick).toFixed(1);
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${py(tick) + 4}" text-anchor="end">${text(tick)}</text>`);
  }
  const shown = xs.length <= 9 ? xs : xs.filter((_, i) => i % Math.ceil(xs.length / 9) === 0);
  for (const at of shown) {
    parts.push(
      `<text x="${px(at).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${text(at)}</text>`,
    );
  }
  if (goal !== undefined) {
    const at = py(goal).toFixed(1);
    parts.push(`<line class="goal" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`);
  }
  series.forEach((each, n) => {
    const color = `c${n % COLOR_COUNT}`;
    const line = [...each.points].sort((a, b) => a[0] - b[0]);
    const path = line.map(([at, value]) => `${px(at).toFixed(1)},${py(value).toFixed(1)}`);
    parts.push(`<polyline class="line ${color}" points="${path.join(' ')}"/>`);
    for (const [at, value] of line) {
      const label = `${each.name}: ${text(at)} → ${text(value)}`;
      parts.push(
        `<circle class="${color}" cx="${px(at).toFixed(1)}" cy="${py(value).toFixed(1)}" r="3"><title>${escaped(label)}</title></circle>`,
      );
    }
  });
  const legend = series
    .map((each, n) => `<span><i class="c${n % COLOR_COUNT}"></i>${escaped(each.name)}</span>`)
    .join('');
  const middle = (HEIGHT - BOTTOM + TOP) / 2;
  return (
    `<figure><figcaption>${escaped(title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${parts.join('')}` +
    `<text x="${(WIDTH + LEFT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(x)}</text>` +
    `<text transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>` +
    `</svg><div class="legend">${legend}</div></figure>`
  );
}

/** Horizontal bars, one after another. */
export function barsSvg(
  title: string,
  unit: string,
  bars: readonly (readonly [string, number])[],
): string {
  const max = Math.max(...bars.map(([, value]) => value), 1e-9);
  const rows = bars
    .map(([name, value], n) => {
      const y = n * 22 + 4;
      const width = (value / max) * 230;
      return (
        `<text x="150" y="${y + 13}" text-anchor="end">${escaped(name)}</text>` +
        `<rect class="c0" x="156" y="${y}" width="${width.toFixed(1)}" height="16" rx="2"/>` +
        `<text x="${(162 + width).toFixed(1)}" y="${y + 13}">${text(value)}</text>`
      );
    })
    .join('');
  const height = bars.length * 22 + 8;
  return (
    `<figure><figcaption>${escaped(title)}, ${escaped(unit)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">${rows}</svg></figure>`
  );
}
