import type { Reading } from '../event-stream.ts';
import { happens } from '../event-stream.ts';
import type { LedgerEntry, LedgerFilter } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Entries looked at in one go, so that a stream never holds up a bot. */
const pageSize = 500;

/**
 * The ledger as server-sent events, until the reader leaves; the ledger itself is the buffer, so a slow reader costs
 * nothing. Each event has the `seq` of its entry as id; `gap` tells that entries before the next one are forgotten.
 */
export async function* ledgerEvents(
  ledger: Ledger,
  filter: LedgerFilter,
  from: number,
  reading: Reading,
): AsyncGenerator<string> {
  // A higher one is from an emulator that is gone.
  let after = from > ledger.lastSeq ? 0 : from;
  if (after !== from) yield gap(0);
  yield ': connected\n\n';
  while (!reading.signal.aborted) {
    if (after < ledger.forgotten) {
      after = ledger.forgotten;
      yield gap(after);
    }
    const { entries, upTo } = ledger.page(filter, after, pageSize);
    if (entries.length > 0) yield entries.map(eventOf).join('');
    if (upTo === after && !(await happens((happened) => ledger.onEntry(happened), reading))) yield ': nothing new\n\n';
    after = upTo;
  }
}

/** Every entry that is held now, one per line; perhaps some newer ones. */
export async function* ledgerLines(ledger: Ledger, filter: LedgerFilter): AsyncGenerator<string> {
  const { lastSeq } = ledger;
  for (let after = filter.after ?? 0; after < lastSeq; ) {
    const { entries, upTo } = ledger.page(filter, Math.max(after, ledger.forgotten), pageSize);
    if (entries.length > 0) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    after = upTo;
  }
}

const eventOf = (entry: LedgerEntry): string => `id: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`;
const gap = (forgotten: number): string => `event: gap\nid: ${forgotten}\ndata: ${JSON.stringify({ forgotten })}\n\n`;
