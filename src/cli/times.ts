import { formatDuration } from '../core/units.ts';

/** `12:04:10` of the local day. */
export const clockTime = (at: string): string => new Date(at).toTimeString().slice(0, 8);

/** How long since a time, in whole seconds, for people; `-` when there is none. */
export function age(at: string | null): string {
  if (at === null) return '-';
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 1000));
  return seconds === 0 ? '0s' : formatDuration(seconds * 1000);
}

/** How long from one time to another. */
export const between = (from: string, to: string): string =>
  formatDuration(Math.max(0, Date.parse(to) - Date.parse(from)));
