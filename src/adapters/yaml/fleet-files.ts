import { read } from '../../core/config/explain.ts';
import { fleetProblems } from '../../core/config/fleet-rules.ts';
import { type Environment, interpolate } from '../../core/config/interpolate.ts';
import { type Problem, problem, startsWith, valueAt } from '../../core/config/problem.ts';
import { defaultsProblems } from '../../core/config/rules.ts';
import { type FleetDocument, fleetDocument } from '../../core/config/schema.ts';
import { botNameRule, isBotName } from '../../core/ids.ts';
import { type BotEntry, exposedTokens, type Place, readEntry } from './bot-entry.ts';
import { botNameOf, type Finding, finding, type Source } from './sources.ts';

/** All files of a fleet, read and judged. */
export type FleetFiles = {
  /** Null when droas.yaml itself has faults (its bots aside). */
  readonly head: FleetDocument | null;
  /** The first of each name. */
  readonly entries: readonly BotEntry[];
  /** Everything that is wrong, with droas.yaml first. */
  readonly findings: readonly Finding[];
};

export function judge(main: Source, files: readonly Source[], environment: Environment): FleetFiles {
  const { head, findings: headFindings } = readHead(main, environment);
  const places = [...placesIn(main), ...files.map(placeOf)];
  const first = new Map<string, Place>();
  const naming: Finding[] = [];
  for (const place of places) {
    const fault = nameFault(place, first.get(place.name));
    if (fault !== null) naming.push(finding(place.source, place.at, problem([], fault, 'key')));
    if (!first.has(place.name)) first.set(place.name, place);
  }
  const all = places
    .filter(({ source }) => source.value !== null)
    .map((place) => readEntry(place, environment, head === null ? null : (head.defaults ?? {})));
  const entries = all.filter(({ name, source }) => first.get(name)?.source === source);
  const members = entries.flatMap(({ name, document }) => (document === null ? [] : [{ name, document }]));
  const between = fleetProblems(members, main.value === null ? null : [...first.keys()]).flatMap((found) => {
    const entry = entries.find(({ name }) => name === found.name);
    return entry === undefined ? [] : [finding(entry.source, entry.at, found.problem, found.code)];
  });
  const faults = [main, ...files].flatMap((source) => source.faults);
  return {
    head,
    entries,
    findings: [...faults, ...headFindings, ...naming, ...all.flatMap((entry) => entry.findings), ...between],
  };
}

/** droas.yaml without what stands in its bots. */
function readHead(
  main: Source,
  environment: Environment,
): { readonly head: FleetDocument | null; readonly findings: readonly Finding[] } {
  if (main.value === null) return { head: null, findings: [] };
  const written = withoutBots(main.value);
  const { document, problems: unresolved } = interpolate(written, environment, 'the fleet');
  const { value, problems } = read(fleetDocument, document, written);
  const rules = value?.defaults === undefined ? [] : defaultsProblems(value.defaults);
  const found: Problem[] = [
    ...unresolved,
    ...[...problems, ...rules].filter(({ path }) => !unresolved.some((other) => startsWith(path, other.path))),
    ...exposedTokens(written, main),
  ];
  return { head: found.length > 0 ? null : value, findings: found.map((each) => finding(main, [], each)) };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutBots(value: unknown): unknown {
  return isMap(value) && isMap(value['bots']) ? { ...value, bots: {} } : value;
}

function placesIn(main: Source): readonly Place[] {
  const bots = valueAt(main.value, ['bots']);
  if (!isMap(bots)) return [];
  return Object.entries(bots).map(([name, written]) => ({ name, source: main, at: ['bots', name], written }));
}

const placeOf = (source: Source): Place => ({ name: botNameOf(source.path), source, at: [], written: source.value });

function nameFault({ name, source }: Place, other: Place | undefined): string | null {
  if (!isBotName(name)) return `${JSON.stringify(name.slice(0, 64))} cannot be the name of a bot: ${botNameRule}`;
  if (other === undefined) return null;
  const { line, column } = other.source.locate(other.at, 'key');
  return `a bot "${name}" stands in ${other.source.label}:${line}:${column} and in ${source.label}: remove or rename one`;
}
