import type { EventView } from '../protocol/api.ts';
import type { Cell } from './table.ts';
import { clockTime } from './times.ts';

export const headings = ['TIME', 'BOT', 'EVENT', 'DETAIL'] as const;

/** Widths for a stream, whose later rows are not known yet: a time, most names, the longest type. */
export const widths = [8, 12, 21, 0] as const;

export function eventRow({ at, bot, type, severity, sentence }: EventView): Cell[] {
  const detail: Cell =
    severity === 'info' ? sentence : { text: sentence, style: severity === 'error' ? 'red' : 'yellow' };
  return [clockTime(at), bot ?? '-', type, detail];
}
