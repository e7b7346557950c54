import { botSpec } from '../core/config/build.ts';
import type { BotSpec, FleetSpec } from '../core/config/spec.ts';
import { adoption } from '../core/lifecycle/adoption.ts';
import type { Child, Desired } from '../core/lifecycle/state.ts';
import type { Verdict } from '../core/restart/verdict.ts';
import type { Clock } from '../ports/clock.ts';
import type { WishFile } from '../ports/journal.ts';
import type { LogSpool } from '../ports/logs.ts';
import type { Survivor } from '../ports/spawner.ts';
import { specHash } from './launch.ts';
import type { Problems } from './problems.ts';
import type { Roster } from './roster.ts';

export type Inheritance = {
  readonly fleet: FleetSpec;
  readonly stored: ReadonlyMap<string, Child>;
  readonly survivors: readonly Survivor[];
  /** Bots of which something may live that cannot be inspected. */
  readonly untrusted: readonly { readonly bot: string; readonly sentence: string }[];
  readonly wishes: WishFile;
  readonly clock: Clock;
  readonly problems: Problems;
  readonly logs: LogSpool;
};

export type Adopted = {
  /** Bots whose living process was taken over. */
  readonly adopted: readonly string[];
  /** Bots whose process ended while nobody watched, and left no trace of how. */
  readonly lost: readonly string[];
  /** Adopted bots that run from another spec than the configured one. */
  readonly outdated: ReadonlySet<string>;
};

/**
 * Enters every bot that is configured, stored or alive into the roster and takes over what its predecessor left: live
 * processes are adopted, ends that nobody witnessed are told to the lifecycle, what is left of older incarnations is
 * removed. Nothing is started here.
 */
export async function adoptAll(roster: Roster, inheritance: Inheritance): Promise<Adopted> {
  const { fleet, stored, survivors } = inheritance;
  const byBot = Map.groupBy(survivors, (survivor) => survivor.intent.bot);
  const configured = new Map(fleet.bots.map((spec) => [spec.name, spec]));
  const result = { adopted: [] as string[], lost: [] as string[], outdated: new Set<string>() };
  for (const name of new Set([...configured.keys(), ...stored.keys(), ...byBot.keys()])) {
    const spec = configured.get(name) ?? formerSpec(name);
    const outcome = await adoptOne(roster, inheritance, spec, byBot.get(name) ?? []);
    if (outcome.is === 'adopted') result.adopted.push(name);
    if (outcome.is === 'lost') result.lost.push(name);
    if (outcome.outdated) result.outdated.add(name);
  }
  return result;
}

type Outcome = { readonly is: 'adopted' | 'lost' | 'idle'; readonly outdated: boolean };

async function adoptOne(
  roster: Roster,
  { stored, wishes, clock, untrusted, problems, logs }: Inheritance,
  spec: BotSpec,
  survivors: readonly Survivor[],
): Promise<Outcome> {
  const wish: Desired = wishes.read(spec.name) ?? (spec.autostart ? 'running' : 'stopped');
  const numbers = survivors.map((survivor) => survivor.intent.incarnation);
  const { child, attach, discard, lost } = adoption(stored.get(spec.name) ?? null, wish, numbers, clock.monotonicMs());
  for (const survivor of survivors) {
    if (discard.includes(survivor.intent.incarnation)) endLeftover(survivor, logs);
  }
  const doubt = untrusted.find(({ bot }) => bot === spec.name);
  if (doubt !== undefined) {
    const verdict = unsafe(doubt.sentence);
    const failed = { ...child, lastVerdict: verdict, state: { name: 'failed', sinceMs: clock.monotonicMs() } } as const;
    roster.enter(spec, failed).block(verdict.sentence);
    return { is: 'idle', outdated: false };
  }
  const bot = roster.enter(spec, child);
  const survivor = survivors.find((candidate) => candidate.intent.incarnation === attach);
  if (survivor !== undefined) {
    await bot.adopt(survivor).catch((error: Error) => {
      problems.report(`adoption of ${spec.name}`, `${spec.name} is watched, but cannot report: ${error.message}`);
    });
  }
  if (lost) bot.post({ type: 'tree-empty', incarnation: child.incarnation });
  bot.executor.rearm();
  if (survivor === undefined) return { is: lost ? 'lost' : 'idle', outdated: false };
  if (child.desired === 'stopped' && child.state.name === 'running') bot.post({ type: 'stop' });
  return { is: 'adopted', outdated: survivor.intent.specHash !== specHash(spec) };
}

/** What must not be started, since what may live of it can be neither adopted nor ended. */
const unsafe = (sentence: string): Verdict => ({
  cause: 'fatal',
  sentence: `a second copy might be started: ${sentence}`,
  remedy: 'look for processes of this bot, correct or remove what is named, then: droas down; droas up -d',
  exit: null,
  closeCode: null,
});

/** An older incarnation has no right to live; usually nothing of it does, and only its last lines and directory are left. */
function endLeftover(survivor: Survivor, logs: LogSpool): void {
  const { bot, incarnation } = survivor.intent;
  const over = () => void logs.finish(bot, incarnation).then(() => process.release());
  const process = survivor.adopt({
    exited: (_exit, treeEmpty) => (treeEmpty ? over() : process.killTree()),
    treeEmpty: over,
  });
  logs.follow({ bot, incarnation, spools: process.spools });
  process.killTree();
}

/** A bot that is configured no more: just enough of a spec to stop what may be left of it. */
const formerSpec = (name: string): BotSpec =>
  botSpec(
    { kind: 'service', command: ['true'], autostart: false },
    {},
    { name, cwd: '/', fileEnv: {}, source: 'no longer configured' },
  );
