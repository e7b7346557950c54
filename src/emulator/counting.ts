import type { Clock, Timer } from './clock.ts';
import { EmulatorError } from './errors.ts';
import { highestNumber } from './ledger/effects.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { People } from './world/people.ts';
import type { World } from './world/world.ts';

/** Numbered messages to write. */
export type CountingWish = {
  readonly applicationId: string;
  /** The bot's first one unless given. */
  readonly channelId?: string | undefined;
  readonly author?: string | undefined;
  /** 100 unless given. */
  readonly total?: number | undefined;
  /** 10 unless given. */
  readonly perSecond?: number | undefined;
};

/** Numbered messages on their way. */
export type Counting = {
  readonly first: number;
  /** How many were posted so far. */
  readonly posted: number;
  /** Resolves with how many were posted, when that were all or somebody stopped it. */
  readonly done: Promise<number>;
  stop(): void;
};

/** Several messages at once rather than timers closer than this. */
const shortestMs = 10;

type Scene = { readonly clock: Clock; readonly ledger: Ledger; readonly world: World; readonly people: People };

/** Has a person write numbered messages to a bot. @throws EmulatorError */
export function countTo(
  { applicationId, channelId, author, total = 100, perSecond = 10 }: CountingWish,
  { clock, ledger, world, people }: Scene,
): Counting {
  const application = world.application(applicationId);
  const channel = world.channel(channelId ?? application.channelIds[0] ?? '');
  const first = ledger.effects(applicationId).lastNumber + 1;
  const last = first + total - 1;
  if (!Number.isInteger(total) || total < 1 || last > highestNumber)
    throw new EmulatorError(400, `numbered messages go up to ${highestNumber}: ${first} to ${last} is not possible`);
  if (!(perSecond >= 0.01 && perSecond <= 10_000))
    throw new EmulatorError(400, `people write 0.01 to 10000 messages per second here, not ${perSecond}`);
  const person = people.join(channel, author);
  const mention = channel.direct ? '' : `<@${application.id}> `;
  const post = (number: number): void => {
    const content = `${mention}#${number} of ${last}`;
    const mentions = world.mentionedIn(content);
    world.post(channel, { author: person, content, mentions, counted: { applicationId, number } });
  };
  return startCounting(clock, { first, total, perSecond, post });
}

/** Posts `total` messages, so many per second; those that a stall of this process delayed follow at once. */
function startCounting(
  clock: Clock,
  {
    first,
    total,
    perSecond,
    post,
  }: { first: number; total: number; perSecond: number; post: (number: number) => void },
): Counting {
  const { promise, resolve } = Promise.withResolvers<number>();
  const startsMs = clock.monotonicMs();
  let posted = 0;
  let timer: Timer | null = null;
  const end = () => {
    timer?.cancel();
    resolve(posted);
  };
  const go = () => {
    const due = Math.min(total, 1 + Math.floor(((clock.monotonicMs() - startsMs) * perSecond) / 1000));
    try {
      while (posted < due) post(first + posted++);
    } catch {
      // The channel is gone: `posted` says how far it came.
      total = --posted;
    }
    if (posted >= total) return end();
    const nextMs = startsMs + (posted * 1000) / perSecond;
    timer = clock.setTimer(Math.max(nextMs, clock.monotonicMs() + shortestMs), go);
  };
  timer = clock.setTimer(startsMs, go);
  return {
    first,
    get posted() {
      return posted;
    },
    done: promise,
    stop: end,
  };
}
