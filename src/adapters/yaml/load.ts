import { join } from 'node:path';
import { stringify } from 'yaml';
import { builtIn } from '../../core/config/defaults.ts';
import type { Environment } from '../../core/config/interpolate.ts';
import { pathText, problem } from '../../core/config/problem.ts';
import type { BotSpec, FleetSpec } from '../../core/config/spec.ts';
import { type Detail, DroasError } from '../../core/errors.ts';
import { botNameRule, isBotName } from '../../core/ids.ts';
import { specOf } from './bot-entry.ts';
import { type FleetFiles, judge } from './fleet-files.ts';
import {
  botDirectory,
  botSources,
  type Finding,
  finding,
  mainSource,
  type Source,
  unwrittenSource,
} from './sources.ts';

export type Context = {
  /** Absolute path of droas.yaml. */
  readonly configPath: string;
  /** What variables are resolved from. */
  readonly env: Environment;
};

export type BotSource = Readonly<Record<string, unknown>>;

/**
 * Reads droas.yaml and `bots.d/`.
 * @throws DroasError CONFIG_INVALID with everything that is wrong; CONFIG_NOT_FOUND
 */
export function loadFleet({ configPath, env }: Context): FleetSpec {
  const main = mainSource(configPath);
  const { sources, faults } = botSources(configPath);
  const files = judge(main, sources, env);
  const findings = [...faults, ...files.findings, ...overfull(main, files)];
  if (findings.length > 0) throw invalid(`The configuration ${configPath}`, findings);
  const { entries, head } = files;
  return {
    capacity: head?.capacity ?? builtIn.capacity,
    bots: entries.flatMap((entry) => specOf(entry, head?.defaults ?? {}) ?? []),
    files: [configPath, ...sources.map(({ path }) => path), ...entries.flatMap(({ envFile }) => envFile.path ?? [])],
  };
}

/**
 * Checks a document as if it stood in `bots.d/<name>.yaml`: by itself, against the fleet's defaults, and beside the bots
 * of all files. Faults that are there without it do not count. Whether the fleet has room is not asked.
 * @throws DroasError USAGE, BOT_EXISTS, CONFIG_INVALID, TOKEN_IN_USE, CONFIG_NOT_FOUND
 */
export function validateBot(name: string, document: BotSource, { configPath, env }: Context): BotSpec {
  if (!isBotName(name))
    throw new DroasError('USAGE', `${JSON.stringify(name.slice(0, 64))} cannot be the name of a bot: ${botNameRule}.`);
  const main = mainSource(configPath);
  const { sources } = botSources(configPath);
  const before = judge(main, sources, env);
  const existing = before.entries.find((entry) => entry.name === name);
  if (existing !== undefined) {
    const { line } = existing.source.locate(existing.at, 'key');
    throw new DroasError('BOT_EXISTS', `There is a bot "${name}" already, in ${existing.source.label}:${line}.`, {
      remedy: `choose another name, or: droas rm ${name}`,
    });
  }
  const { head } = before;
  if (head === null) throw invalid(`The configuration ${configPath}`, before.findings);
  const own = unwrittenSource(configPath, botFile(configPath, name), botText(document));
  const after = judge(main, [...sources, own], env);
  const known = new Set(before.findings.map(identity));
  const news = after.findings.filter((each) => !known.has(identity(each)));
  const [first] = news;
  if (first !== undefined) {
    if (news.every(({ code }) => code === 'TOKEN_IN_USE')) throw new DroasError('TOKEN_IN_USE', `${first.what}.`);
    throw invalid(`The bot "${name}"`, news, own);
  }
  const entry = after.entries.find(({ source }) => source === own);
  const spec = entry === undefined ? null : specOf(entry, head.defaults ?? {});
  if (spec === null) throw new Error(`bot "${name}" has no faults and no spec`);
  return spec;
}

export const botFile = (configPath: string, name: string): string => join(botDirectory(configPath), `${name}.yaml`);

export const botText = (document: BotSource): string =>
  stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });

function overfull(main: Source, { head, entries }: FleetFiles): readonly Finding[] {
  const capacity = head?.capacity ?? builtIn.capacity;
  const bots = entries.filter(({ document }) => document !== null && document.kind !== 'service').length;
  if (head === null || bots <= capacity) return [];
  const what = `${bots} bots are configured, and the capacity is ${capacity} (services do not count): raise \`capacity\`, or remove ${bots - capacity}`;
  return [finding(main, [], problem(['capacity'], what))];
}

const identity = ({ label, line, column, what }: Finding): string => `${label}:${line}:${column} ${what}`;

/** More than anyone reads at once. */
const mostDetails = 100;

function invalid(subject: string, findings: readonly Finding[], unwritten?: Source): DroasError {
  const byFile = Map.groupBy(findings, ({ label }) => label);
  const sorted = [...byFile.values()].flatMap((each) =>
    each.toSorted((a, b) => a.line - b.line || a.column - b.column),
  );
  const details = sorted.slice(0, mostDetails).map((each) => ({ where: where(each, unwritten), what: each.what }));
  const more: readonly Detail[] =
    sorted.length > mostDetails ? [{ where: '…', what: `and ${sorted.length - mostDetails} more` }] : [];
  const count = findings.length === 1 ? 'an error' : `${findings.length} errors`;
  return new DroasError('CONFIG_INVALID', `${subject} has ${count}; nothing was changed.`, {
    details: [...details, ...more],
    remedy: 'correct what is named, then try again; `droas config validate` checks without changing anything',
  });
}

/** `file:line:col path`; for a document that is in no file yet only the path. */
function where({ label, line, column, path }: Finding, unwritten: Source | undefined): string {
  const inside = pathText(path);
  if (label === unwritten?.label) return inside === '' ? 'spec' : inside;
  const place = line === 0 ? label : `${label}:${line}:${column}`;
  return inside === '' ? place : `${place} ${inside}`;
}
