import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Path, Problem } from '../../core/config/problem.ts';
import { syntaxFault } from './syntax.ts';

/** 1-based. */
export type Position = { readonly line: number; readonly column: number };
export type Fault = Position & { readonly what: string };

export type YamlDocument = {
  /** Null when the text is no YAML that can be judged: then `faults` says why. */
  readonly value: unknown;
  /** Of the text itself. */
  readonly faults: readonly Fault[];
  /** Where a path leads, or as far as it does. */
  locate(path: Path, at: Problem['at']): Position;
};

/** One error of syntax makes others behind it; these are enough to act on. */
const mostSyntaxFaults = 5;

/** Reads one YAML document and remembers where everything stands. Never throws, never shows what stands there. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // `uniqueKeys` compares every key with every other; `repeatedKeys` does not.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    merge: true,
  });
  const offsetOf = createLocator(document);
  const locate = (path: Path, at: Problem['at']): Position => position(offsetOf(path, at));
  const syntax = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...position(pos[0]),
    what: syntaxFault(code, message),
  }));
  if (syntax.length > 0) {
    const firstOfLine = syntax.filter(({ line }, index) => syntax.findIndex((fault) => fault.line === line) === index);
    return { value: null, faults: firstOfLine.slice(0, mostSyntaxFaults), locate };
  }
  const { faults, isSound } = inspect(document, position);
  if (!isSound) return { value: null, faults, locate };
  try {
    return { value: document.toJS(), faults, locate };
  } catch {
    return {
      value: null,
      faults: [...faults, { line: 1, column: 1, what: 'aliases (*name) lead to too much: write the values out' }],
      locate,
    };
  }
}

/** Where numbers are names or ids, too long to be numbers of JavaScript: their digits are kept as they are written. */
const digitsMatter = new Set<string | null>(['env', 'guilds', 'prompts']);

/** Finds repeated keys and aliases that lead nowhere. */
function inspect(
  document: Document.Parsed,
  position: (offset: number) => Position,
): { faults: Fault[]; isSound: boolean } {
  const faults: Fault[] = [];
  let isSound = true;
  const fault = (node: unknown, what: string): void => {
    faults.push({ ...position(startOf(node) ?? 0), what });
  };
  visit(document, {
    Map(_, map) {
      for (const [repeated, first] of repeatedKeys(map)) {
        fault(
          repeated,
          `this key stands twice in one map, first in line ${position(startOf(first) ?? 0).line}: remove one of them`,
        );
      }
    },
    Pair(_, pair) {
      if (digitsMatter.has(keyOf(pair))) keepDigits(pair.value);
    },
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      isSound = false;
      fault(
        alias,
        'this alias (*name) has no anchor (&name) before it: a text that begins with * must stand in quotes',
      );
    },
  });
  return { faults, isSound };
}

function repeatedKeys(map: YAMLMap): readonly (readonly [unknown, unknown])[] {
  const first = new Map<string, unknown>();
  return map.items.flatMap((pair) => {
    const name = keyOf(pair);
    if (name === null) return [];
    const other = first.get(name);
    if (other === undefined) first.set(name, pair.key);
    return other === undefined ? [] : [[pair.key, other] as const];
  });
}

function keepDigits(node: unknown): void {
  const inside = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : isSeq(node) ? node.items : [];
  for (const item of inside) {
    if (isScalar(item) && typeof item.value === 'number') item.value = item.source ?? item.value;
  }
}

const keyOf = ({ key }: Pair): string | null => (isScalar(key) ? String(key.value) : null);

const startOf = (node: unknown): number | null => (node as Node | null)?.range?.[0] ?? null;

/** Where a path leads in the text. Remembers what stands in each map, since maps with many faults are asked often. */
function createLocator(document: Document.Parsed): (path: Path, at: Problem['at']) => number {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<string | null, Pair>>();
  const pairOf = (map: YAMLMap, key: string): Pair | undefined => {
    const index = indexes.get(map) ?? new Map(map.items.toReversed().map((pair) => [keyOf(pair), pair]));
    indexes.set(map, index);
    return index.get(key);
  };
  const child = (node: unknown, step: string | number): Pick<Pair, 'key' | 'value'> | undefined => {
    if (isMap(node)) return pairOf(node, String(step));
    return isSeq(node) ? { key: null, value: node.items[Number(step)] } : undefined;
  };
  return (path, at) => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const step of path) {
      const next = child(node, step);
      if (next === undefined) return offset;
      node = next.value;
      offset = startOf(next.key) ?? startOf(node) ?? offset;
    }
    return at === 'value' ? (startOf(node) ?? offset) : offset;
  };
}
