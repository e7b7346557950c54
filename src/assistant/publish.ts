import { split } from './split.ts';

/** Where an answer appears. */
export type Page = {
  /** Posts message number `index` of the answer; resolves with its id. */
  create(content: string, index: number): Promise<string>;
  edit(id: string, content: string): Promise<void>;
  /** How long Discord wants it to be left alone, in milliseconds; 0: not at all. Does not hold for the last edit. */
  restMs(): number;
};

export type Pace = {
  /** The first message comes with the first whole sentence, or this long after the first part. */
  readonly firstAfterMs: number;
  /** Between two changes: Discord allows five in five seconds per channel, and people cannot read faster. */
  readonly everyMs: number;
};

export const usualPace: Pace = { firstAfterMs: 700, everyMs: 1_200 };

/** How often the complete answer is tried to be posted. Discord's hiccups pass within seconds. */
const finalAttempts = 4;
/** What is posted of one answer at most; a model that never ends is not read further. */
const maxCharacters = 16_000;
const sentenceEnd = /\S{2}[.!?…]\s|\n/;

/**
 * Posts a growing text: soon a first message, then edits of it, and further messages where it outgrows one. Changes never
 * overlap; while one is under way the text just grows. A change that fails is made up for by the next. Resolves with the
 * whole text when all of it is posted.
 * @throws whatever `page` throws; then the parts are not read further
 */
export async function publish(parts: AsyncIterable<string>, page: Page, pace: Pace = usualPace): Promise<string> {
  const posted: { readonly id: string; readonly content: string }[] = [];
  const begun = Promise.withResolvers<void>();
  const sentence = Promise.withResolvers<void>();
  let text = '';
  let over = false;

  const read = async () => {
    for await (const part of parts) {
      text += part;
      begun.resolve();
      if (sentenceEnd.test(text)) sentence.resolve();
      if (over || text.length > maxCharacters) break;
    }
  };

  const show = async () => {
    for (const [index, content] of split(text).entries()) {
      const shown = posted[index];
      if (shown?.content === content) continue;
      if (shown) await page.edit(shown.id, content);
      posted[index] = { id: shown?.id ?? (await page.create(content, index)), content };
    }
  };

  const reading = read().finally(() => {
    over = true;
  });
  const complete = reading.catch(() => {});
  try {
    await Promise.race([begun.promise, complete]);
    await within(pace.firstAfterMs, Promise.race([sentence.promise, complete]));
    while (!over) {
      await show().catch(unlessPassing);
      await within(Math.max(pace.everyMs, page.restMs()), complete);
    }
    for (let attempts = 1; ; attempts++) {
      try {
        await show();
        break;
      } catch (error) {
        unlessPassing(error);
        if (attempts === finalAttempts) throw error;
        await within(pace.everyMs * attempts);
      }
    }
    await reading;
  } finally {
    over = true;
  }
  return text;
}

/** What Discord refuses it will refuse again. @throws that */
function unlessPassing(error: unknown): void {
  const { status } = error as { status?: unknown };
  if (typeof status === 'number' && status < 500) throw error;
}

/** Waits for `event`, at most `limitMs`. */
async function within(limitMs: number, event?: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race(event ? [promise, event] : [promise]);
  clearTimeout(timer);
}
