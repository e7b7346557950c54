import { codeOf } from '../core/errors.ts';
import type { Output } from './output.ts';
import type { Message } from './sse.ts';
import { pause } from './waiting.ts';

const patienceMs = 10_000;
const retryMs = 250;

/**
 * The messages of a stream across the end of its connection: a supervisor that is upgraded, or that dropped a slow
 * reader, is asked again, after the last message received. `open` is called with the id of that message.
 * @throws what `open` throws when there is no connection at first, or none again within ten seconds
 */
export async function* follow(
  output: Output,
  open: (lastId: string | undefined) => AsyncIterable<Message>,
): AsyncGenerator<Message> {
  let lastId: string | undefined;
  let lostAtMs: number | null = null;
  for (;;) {
    try {
      for await (const message of open(lastId)) {
        lostAtMs = null;
        if (message.id !== '') lastId = message.id;
        yield message;
      }
      lostAtMs ??= lost(output);
    } catch (error) {
      if (lostAtMs === null || codeOf(error) !== 'DAEMON_UNREACHABLE' || Date.now() - lostAtMs > patienceMs)
        throw error;
    }
    await pause(retryMs);
  }
}

function lost(output: Output): number {
  output.progress('The connection to the supervisor ended; trying again.');
  return Date.now();
}
