import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../core/units.ts';

/** What options take, checked before anything is done. Each throws InvalidArgumentError: exit code 2. */

/** `30s` → milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('Expected a duration such as 30s.');
}

/** `10m` (ago) or a time → RFC 3339. */
export function since(text: string): string {
  const agoMs = parseDuration(text);
  const ms = agoMs !== null ? Date.now() - agoMs : /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('Expected a duration such as 10m or a time such as 2026-01-31T12:00:00Z.');
}

/** A number of lines; the supervisor gives at most 10,000. */
export function count(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= 10_000) return number;
  throw new InvalidArgumentError('Expected a whole number, at most 10000.');
}

export function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= 65_535) return number;
  throw new InvalidArgumentError('Expected a port, 0–65535.');
}

export function seed(text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number < 2 ** 32) return number;
  throw new InvalidArgumentError(`Expected a whole number, 0–${2 ** 32 - 1}.`);
}

/** For options that may be repeated. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];
