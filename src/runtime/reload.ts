import { diffFleet, type FleetDiff } from '../core/config/diff.ts';
import type { FleetSpec } from '../core/config/spec.ts';
import { DroasError } from '../core/errors.ts';
import { reconcile } from '../core/fleet/reconcile.ts';
import { newChild } from '../core/lifecycle/state.ts';
import type { Roster } from './roster.ts';
import { startInOrder } from './start-order.ts';

/**
 * Makes the roster follow a new configuration; with `dryRun` only says what that would do.
 * @throws BOT_BEING_DELETED; then nothing was changed.
 */
export function applyFleet(roster: Roster, before: FleetSpec, after: FleetSpec, dryRun: boolean): FleetDiff {
  const diff = diffFleet(before, after);
  const leaving = diff.added.find((name) => roster.find(name) !== null);
  if (leaving !== undefined) {
    throw new DroasError(
      'BOT_BEING_DELETED',
      `${leaving} is configured again while its last process is still ending; nothing was changed`,
      {
        remedy: 'wait until it is gone, then reload',
      },
    );
  }
  if (dryRun) return diff;
  for (const spec of after.bots) roster.find(spec.name)?.respecify(spec);
  follow(roster, after, 'reload', new Set(diff.restarted));
  return diff;
}

/** Carries out what the files ask for: at boot after the adoption, later after each reload. */
export function follow(
  roster: Roster,
  fleet: FleetSpec,
  moment: 'boot' | 'reload',
  outdated: ReadonlySet<string>,
): void {
  roster.catchUp();
  const children = new Map([...roster].map((bot) => [bot.name, bot.child]));
  const plan = reconcile({ moment, specs: fleet.bots, children, outdated });
  const specs = new Map(fleet.bots.map((spec) => [spec.name, spec]));
  for (const name of plan.create) {
    const spec = specs.get(name);
    if (spec !== undefined) roster.enter(spec, newChild('stopped'));
  }
  for (const name of plan.stop) roster.find(name)?.post({ type: 'stop' });
  for (const name of plan.delete) roster.find(name)?.post({ type: 'delete' });
  for (const name of plan.restart) roster.find(name)?.post({ type: 'restart' });
  roster.catchUp();
  const by = moment === 'boot' ? 'boot' : 'person';
  const planned = new Map(plan.start.map((name) => [name, roster.find(name)?.child]));
  void startInOrder(roster, plan.start, (bot) => {
    // Whoever was stopped, deleted or drained while an earlier wave became ready is no longer what was planned.
    if (bot.child === planned.get(bot.name)) bot.post({ type: 'start', by });
  });
}
