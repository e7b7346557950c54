import { globSync, readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Coverage of `src/`, from what V8 wrote for every Node process of the run that ended by itself. Node hands
 * NODE_V8_COVERAGE down to what it spawns, even with a clean environment; a process that was killed leaves nothing.
 *
 * Node's own report is not used because it merges processes with loss, gives up on the torn file of a process that was
 * killed while writing, and on older versions does not see files that no test loads. Here a place counts as run when
 * some process ran it:
 * - lines: lines with code on them, judged by their first character; blank, comment and type-only lines do not count;
 * - branches: every block that V8 counts, in functions that were called at least once; an uncalled function is one
 *   branch not taken;
 * - a file that no process loaded has all its lines and one branch uncovered. Nothing is excluded.
 */
export type Tally = { readonly covered: number; readonly total: number };
export type FileCoverage = {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly lines: Tally;
  readonly branches: Tally;
  /** 1-based lines that never ran. */
  readonly missed: readonly number[];
};

type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };
type Script = { readonly url: string; readonly functions: readonly { readonly ranges: readonly Range[] }[] };

/** 1 where a process ran the character. Functions and ranges come outermost first, so that the inner ones decide. */
function ran(script: Script, length: number): Uint8Array {
  const map = new Uint8Array(length);
  for (const { ranges } of script.functions)
    for (const { startOffset, endOffset, count } of ranges) map.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return map;
}

/** What V8 wrote into `directory`, by script. A torn or empty file is what a killed process left: it says nothing. */
function* scriptsIn(directory: string): Generator<Script> {
  for (const name of readdirSync(directory)) {
    let report: { readonly result?: readonly Script[] };
    try {
      report = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    } catch {
      continue;
    }
    yield* report.result ?? [];
  }
}

/** Line number and offset of the first character of every line with code. */
export function codeLines(source: string): { line: number; offset: number }[] {
  const found: { line: number; offset: number }[] = [];
  let offset = 0;
  let inComment = false;
  for (const [index, text] of stripTypeScriptTypes(source).split('\n').entries()) {
    const code = text.trim();
    const comment = inComment || code.startsWith('/*');
    if (comment) inComment = !code.includes('*/');
    else if (code !== '' && !code.startsWith('//'))
      found.push({ line: index + 1, offset: offset + text.indexOf(code) });
    offset += text.length + 1;
  }
  return found;
}

class SourceFile {
  readonly path: string;
  readonly #length: number;
  readonly #code: readonly { line: number; offset: number }[];
  readonly #ran: Uint8Array;
  readonly #branches = new Map<string, number>();
  #loaded = false;

  constructor(root: string, path: string) {
    const source = readFileSync(join(root, path), 'utf8');
    this.path = path;
    this.#length = source.length;
    this.#code = codeLines(source);
    this.#ran = new Uint8Array(source.length);
  }

  add(script: Script): void {
    this.#loaded = true;
    const map = ran(script, this.#length);
    for (let i = 0; i < map.length; i++) this.#ran[i] = (this.#ran[i] ?? 0) | (map[i] ?? 0);
    for (const { ranges } of script.functions)
      for (const { startOffset, endOffset } of ranges) this.#branches.set(`${startOffset}-${endOffset}`, startOffset);
  }

  coverage(): FileCoverage {
    const missed = this.#code.filter(({ offset }) => this.#ran[offset] !== 1).map(({ line }) => line);
    const branches = [...this.#branches.values()];
    return {
      path: this.path,
      lines: { covered: this.#code.length - missed.length, total: this.#code.length },
      branches: this.#loaded
        ? { covered: branches.filter((offset) => this.#ran[offset] === 1).length, total: branches.length }
        : { covered: 0, total: this.#code.length > 0 ? 1 : 0 },
      missed,
    };
  }
}

/** Coverage of every TypeScript file below `root`/src, from the reports in `directory`. */
export function measure(root: string, directory: string): FileCoverage[] {
  const paths = globSync('src/**/*.ts', { cwd: root }).sort();
  const files = new Map(paths.map((path) => [pathToFileURL(join(root, path)).href, new SourceFile(root, path)]));
  for (const script of scriptsIn(directory)) files.get(script.url)?.add(script);
  return [...files.values()].map((file) => file.coverage());
}

/** The sum of some files. */
export function total(files: readonly FileCoverage[], what: 'lines' | 'branches'): Tally {
  return files.reduce(
    (sum, file) => ({ covered: sum.covered + file[what].covered, total: sum.total + file[what].total }),
    { covered: 0, total: 0 },
  );
}

/** Covered share in percent, rounded down to two digits so that 94.999 never reads as 95; 100 of nothing. */
export const percent = ({ covered, total }: Tally): number =>
  total === 0 ? 100 : Math.floor((covered / total) * 10_000) / 100;
