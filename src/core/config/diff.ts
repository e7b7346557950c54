import { canonical, specIdentity } from './identity.ts';
import type { BotSpec, FleetSpec } from './spec.ts';

/** What becomes of each bot, by name, in the order of the files. */
export type FleetDiff = {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Changed in a way that needs a new process. */
  readonly restarted: readonly string[];
  /** Changed in place: policies, limits, order, readiness. */
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
};

export function diffFleet(before: FleetSpec, after: FleetSpec): FleetDiff {
  const old = new Map(before.bots.map((spec) => [spec.name, spec]));
  const fates = Map.groupBy(after.bots, (spec) => fate(old.get(spec.name), spec));
  const names = (kind: Fate): readonly string[] => (fates.get(kind) ?? []).map(({ name }) => name);
  const kept = new Set(after.bots.map(({ name }) => name));
  return {
    added: names('added'),
    removed: [...old.keys()].filter((name) => !kept.has(name)),
    restarted: names('restarted'),
    changed: names('changed'),
    unchanged: names('unchanged'),
  };
}

type Fate = 'added' | 'restarted' | 'changed' | 'unchanged';

function fate(before: BotSpec | undefined, after: BotSpec): Fate {
  if (before === undefined) return 'added';
  if (specIdentity(before) !== specIdentity(after)) return 'restarted';
  return said(before) === said(after) ? 'unchanged' : 'changed';
}

/** A bot that only moved to another line or file is the same. */
const said = ({ source: _, ...spec }: BotSpec): string => canonical(spec);
