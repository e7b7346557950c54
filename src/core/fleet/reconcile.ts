import type { BotSpec } from '../config/spec.ts';
import type { Child } from '../lifecycle/state.ts';

/** What has to happen so that the fleet becomes what the files say; each a list of names. */
export type Reconciliation = {
  /** New to the fleet: each begins as `newChild('stopped')`. */
  readonly create: readonly string[];
  /** By the configuration, not by a person; comes after `create`. */
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly restart: readonly string[];
  readonly delete: readonly string[];
};

export type Fleet = {
  /** `boot`: the supervisor starts, whether or not bots survived its predecessor. */
  readonly moment: 'boot' | 'reload';
  readonly specs: readonly Pick<BotSpec, 'name' | 'autostart'>[];
  /** What is remembered of each bot, by name. */
  readonly children: ReadonlyMap<string, Pick<Child, 'desired' | 'state'>>;
  /** Bots whose spec has changed, since they were last started, in a way that needs a new process. */
  readonly outdated: ReadonlySet<string>;
};

/**
 * The files say which bots exist and what they are; people say which of them run. `autostart` speaks only where no person
 * has: for a new bot, and at boot. What a person stopped stays stopped, a bot that came to its own end is started again
 * only at boot, and what lives, failed or waits for its time is touched only when its spec changed: that may be the cure.
 */
export function reconcile({ moment, specs, children, outdated }: Fleet): Reconciliation {
  const plan = {
    create: [] as string[],
    start: [] as string[],
    stop: [] as string[],
    restart: [] as string[],
    delete: [] as string[],
  };
  for (const { name, autostart } of specs) {
    const child = children.get(name);
    if (child === undefined) {
      plan.create.push(name);
      if (autostart) plan.start.push(name);
    } else if (child.desired === 'absent') {
      plan.delete.push(name);
    } else if (child.desired === 'running') {
      if (moment === 'boot' && child.state.name === 'stopped') plan[autostart ? 'start' : 'stop'].push(name);
      else if (child.state.name !== 'stopped' && outdated.has(name)) plan.restart.push(name);
    }
  }
  const named = new Set(specs.map(({ name }) => name));
  plan.delete.push(...[...children.keys()].filter((name) => !named.has(name)));
  return plan;
}
