/**
 * What a command printed for a terminal, as an SVG that looks like one. It stands on pages with light and with dark
 * grounds, so it brings its own; and it fetches nothing, so every piece of text says how wide it is: whatever monospace
 * font the reader has, columns stay columns.
 */
const columns = 100;
const cell = { width: 8.4, height: 19 } as const;
const margin = { x: 18, top: 44, bottom: 16 } as const;
const fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

/** The styles that our commands use, as SGR codes: the class they set, or what they end. */
const classOf: Readonly<Record<number, string>> = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 36: 'c' };
const endsClasses: Readonly<Record<number, string>> = { 0: 'bdrgyc', 22: 'bd', 39: 'rgyc' };

type Piece = { readonly text: string; readonly classes: string };

/** @throws RangeError on an escape sequence that is no known colour: it would otherwise stand in the picture */
export function terminalSvg(title: string, output: string): string {
  const lines = piecesOf(output.trimEnd()).flatMap(folded);
  const width = columns * cell.width + 2 * margin.x;
  const height = margin.top + lines.length * cell.height + margin.bottom;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>
text { font: 14px ${fonts}; fill: #d7dce2; white-space: pre }
.b { font-weight: 700; fill: #fff } .d { fill: #8b949e } .r { fill: #ff8a80 } .g { fill: #7ee2a0 } .y { fill: #f2cc60 } .c { fill: #79c0ff }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9" fill="#14181f" stroke="#3b434f"/>
${['#ff5f57', '#febc2e', '#28c840'].map((fill, n) => `<circle cx="${24 + 20 * n}" cy="21" r="6" fill="${fill}"/>`).join('')}
${lines.flatMap((line, row) => textsOf(line, margin.top + (row + 0.75) * cell.height)).join('\n')}
</svg>
`;
}

/** The lines of the output, each in pieces of one style. */
function piecesOf(output: string): Piece[][] {
  let classes = '';
  return output.split('\n').map((line) =>
    line.split('\x1b[').flatMap((part, n) => {
      if (n === 0) return part === '' ? [] : [{ text: part, classes }];
      const [sequence, code] = /^(\d+)m/.exec(part) ?? [];
      classes = styled(classes, Number(code));
      const text = part.slice(sequence?.length);
      return text === '' ? [] : [{ text, classes }];
    }),
  );
}

function styled(classes: string, code: number): string {
  const set = classOf[code];
  if (set !== undefined) return classes + set;
  const ended = endsClasses[code];
  if (ended === undefined) throw new RangeError(`the picture knows no SGR ${code}`);
  return [...classes].filter((one) => !ended.includes(one)).join('');
}

/** A line that is too long goes on below, between words, under the beginning of its last column. */
function folded(line: readonly Piece[]): Piece[][] {
  const text = line.map((piece) => piece.text).join('');
  if (text.length <= columns) return [[...line]];
  const gap = text.slice(0, columns).trimEnd().lastIndexOf('  ');
  const indent = gap === -1 ? 0 : gap + 2;
  const space = text.lastIndexOf(' ', columns);
  const end = space > indent ? space : columns;
  const rest = sliced(line, space > indent ? end + 1 : end, text.length);
  return [sliced(line, 0, end), ...folded([{ text: ' '.repeat(indent), classes: '' }, ...rest])];
}

/** The part of a line from column `start` to column `end`. */
function sliced(line: readonly Piece[], start: number, end: number): Piece[] {
  let column = 0;
  return line.flatMap(({ text, classes }) => {
    const from = column;
    column += text.length;
    const part = text.slice(Math.max(0, start - from), Math.max(0, end - from));
    return part === '' ? [] : [{ text: part, classes }];
  });
}

/** One element for each run of words: what lies between two columns is not drawn. */
function textsOf(line: readonly Piece[], y: number): string[] {
  let column = 0;
  return line.flatMap(({ text, classes }) => {
    const from = column;
    column += text.length;
    return [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
      const x = margin.x + (from + index) * cell.width;
      const kind = classes === '' ? '' : ` class="${[...classes].join(' ')}"`;
      return `<text x="${round(x)}" y="${round(y)}" textLength="${round(words.length * cell.width)}"${kind}>${escaped(words)}</text>`;
    });
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
