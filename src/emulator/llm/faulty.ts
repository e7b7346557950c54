import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { cutAfter, pause } from '../faults/answering.ts';
import type { Injector } from '../faults/injector.ts';
import type { Subject } from '../faults/subject.ts';

/** What goes wrong with one answer. */
export type Trouble = {
  readonly silenceMs: number;
  /** Pause before each token; null as usual. */
  readonly tokenMs: number | null;
  readonly isCut: boolean;
  readonly isSplit: boolean;
  readonly isBadJson: boolean;
};

export const troubleFor = (injector: Injector, subject: Subject): Trouble => ({
  silenceMs: injector.take('llm-silence', subject)?.fault.silenceMs ?? 0,
  tokenMs: injector.take('llm-slow', subject)?.fault.tokenMs ?? null,
  isCut: injector.take('llm-cut', subject) !== null,
  isSplit: injector.take('llm-split', subject) !== null,
  isBadJson: injector.take('llm-bad-json', subject) !== null,
});

/** More than one byte in UTF-8, so that there is something to split. */
const symbol = '🙂';
export const splittable = (answer: string): string => (/[^\0-\x7f]/.test(answer) ? answer : `${answer} ${symbol}`);

type Answering = { readonly clock: Clock; readonly response: ServerResponse; readonly pauseMs: number };

/**
 * The parts of an answer as bytes, with their trouble. Silence, bad JSON and the cut come in the middle of them; each part
 * with a character beyond ASCII is split inside the first one.
 */
export async function* troubled(
  parts: AsyncIterable<string>,
  middle: number,
  trouble: Trouble,
  { clock, response, pauseMs }: Answering,
): AsyncGenerator<Buffer> {
  let index = -1;
  for await (const part of parts) {
    index++;
    if (index === middle && trouble.silenceMs > 0) await pause(clock, trouble.silenceMs, response);
    const bytes = Buffer.from(index === middle && trouble.isBadJson ? withoutEnd(part) : part);
    if (index === middle && trouble.isCut) return yield* cutAfter(bytes.subarray(0, bytes.length >> 1), response);
    const within = trouble.isSplit ? bytes.findIndex((byte) => byte > 0x7f) + 1 : 0;
    if (within > 0) {
      yield bytes.subarray(0, within);
      await pause(clock, pauseMs, response);
    }
    yield bytes.subarray(within);
  }
}

/** JSON that breaks off, in the event or body that it was to be. */
const withoutEnd = (part: string): string => {
  const json = part.trimEnd();
  return json.slice(0, Math.ceil(json.length / 2)) + part.slice(json.length);
};
