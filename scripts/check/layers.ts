import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { at, type Finding, lineAt } from './finding.ts';

/**
 * Which part of `src/` may import which. Arrows point inward: api, cli → runtime → core and adapters → ports → core;
 * only the wiring knows everybody. A part may always import itself. A folder that is missing here is an error, so that
 * somebody decides where it belongs.
 */
type Layer = {
  readonly may: readonly string[];
  /** Only by `import type`, which leaves nothing behind at run time. */
  readonly types?: readonly string[];
  /** What it may import from outside the repository, besides the names listed: nothing, Node's modules, or anything. */
  readonly outside: 'nothing' | 'node' | 'anything';
  readonly packages?: readonly string[];
  readonly why: string;
};

const layers: Readonly<Record<string, Layer>> = {
  core: { may: [], outside: 'nothing', packages: ['zod'], why: 'core/ is pure: it decides, it does not act' },
  protocol: { may: ['core'], outside: 'nothing', packages: ['zod'], why: 'protocol/ only says what the wires carry' },
  ports: { may: [], types: ['core', 'protocol'], outside: 'nothing', why: 'ports/ are interfaces only' },
  'adapters/*': {
    may: ['ports', 'core', 'protocol', 'adapters/system'],
    outside: 'anything',
    why: 'an adapter serves a port and knows neither its users nor other adapters (but system/, the machine itself)',
  },
  runtime: {
    may: ['core', 'ports', 'protocol'],
    outside: 'anything',
    why: 'runtime/ acts through ports; the wiring hands it the adapters',
  },
  api: { may: ['protocol', 'core'], types: ['runtime'], outside: 'anything', why: 'api/ is thin: it parses and calls' },
  cli: { may: ['protocol', 'core'], types: ['runtime'], outside: 'anything', why: 'cli/ is thin: it asks the API' },
  bot: {
    may: [],
    types: ['protocol'],
    outside: 'node',
    why: 'bot/ is loaded into programs of other people: it must stay light and free of dependencies',
  },
  assistant: { may: ['bot', 'protocol'], outside: 'anything', why: 'assistant/ is a bot like any other' },
  emulator: {
    may: [],
    outside: 'anything',
    why: 'emulator/ is the independent witness: sharing code with what it observes would share the mistakes',
  },
};
const wiring = new Set(['main.ts', 'daemon.ts', 'emulate.ts', 'demo', 'version.ts']);

/** `adapters/yaml` for a file below it, otherwise the first name below src/. */
function unitOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'adapters' ? `${first}/${second}` : first;
}

const layerOf = (unit: string): Layer | undefined => layers[unit.startsWith('adapters/') ? 'adapters/*' : unit];

type Import = { readonly specifier: string; readonly typeOnly: boolean; readonly offset: number };

/** Static, side-effect and literal dynamic imports and re-exports. Formatting is Biome's, hence the single quotes. */
const importPatterns = [
  /^(?:import|export)\s+(?<type>type\s)?[\w\s*,{}$]*?\bfrom\s+'(?<specifier>[^']+)'/gm,
  /^import\s+'(?<specifier>[^']+)'/gm,
  /\bimport\(\s*'(?<specifier>[^']+)'/g,
];

function importsOf(source: string): Import[] {
  return importPatterns.flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => ({
      specifier: match.groups?.['specifier'] ?? '',
      typeOnly: match.groups?.['type'] !== undefined,
      offset: match.index,
    })),
  );
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Whether the arrow is forbidden; then the target as people call it. */
function forbidden(file: string, layer: Layer, { specifier, typeOnly }: Import): string | null {
  if (!specifier.startsWith('.')) {
    if (layer.outside === 'anything' || layer.packages?.includes(packageOf(specifier))) return null;
    return layer.outside === 'node' && isBuiltin(specifier) ? null : specifier;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const unit = unitOf(target);
  const allowed = typeOnly ? [...layer.may, ...(layer.types ?? [])] : layer.may;
  if (unit === unitOf(file) || allowed.includes(unit)) return null;
  return typeOnly || !layer.types?.includes(unit) ? unit : `${unit} (only import type is allowed)`;
}

/** Every import below `root`/src that breaks the rule. */
export function layerFindings(root: string): Finding[] {
  const findings: Finding[] = [];
  for (const file of globSync('**/*.ts', { cwd: join(root, 'src') }).sort()) {
    const unit = unitOf(file);
    if (wiring.has(unit)) continue;
    const layer = layerOf(unit);
    if (layer === undefined) {
      findings.push(at(`src/${file}`, 1, `src/${unit} has no rule: say in scripts/check/layers.ts what it may import`));
      continue;
    }
    const source = readFileSync(join(root, 'src', file), 'utf8');
    for (const found of importsOf(source)) {
      const target = forbidden(file, layer, found);
      if (target !== null)
        findings.push(at(`src/${file}`, lineAt(source, found.offset), `${unit} → ${target}: ${layer.why}`));
    }
  }
  return findings;
}
