import type { Reading } from '../event-stream.ts';
import { happens } from '../event-stream.ts';
import type { Feed } from './feed.ts';
import type { Change } from './views.ts';

/** So many are written at once, so that a page that catches up never holds up a bot. */
const pageSize = 100;

/**
 * The feed as server-sent events, until the reader leaves. It is read only as fast as the reader takes it, so a slow one
 * costs no memory; one that falls too far behind, like one that is new, is told to read everything (`reset`).
 */
export async function* feedEvents(feed: Feed, lastId: string | undefined, reading: Reading): AsyncGenerator<string> {
  let position = lastId === undefined ? null : feed.positionOf(lastId);
  while (!reading.signal.aborted) {
    const changes = position === null ? null : feed.since(position, pageSize);
    if (position === null || changes === null) {
      position = feed.end;
      yield eventOf(feed.idOf(position), { type: 'reset' });
    } else if (changes.length > 0) {
      const first = position;
      position += changes.length;
      yield changes.map((change, index) => eventOf(feed.idOf(first + index + 1), change)).join('');
    } else if (!(await happens((happened) => feed.onChange(happened), reading))) yield ': nothing new\n\n';
  }
}

const eventOf = (id: string, change: Change): string => `id: ${id}\ndata: ${JSON.stringify(change)}\n\n`;
