/**
 * Why a model did not answer:
 * - `busy`: too many requests (429);
 * - `refused`: it will not answer this bot until a person changes something (key, model, address, payment);
 * - `rejected`: it does not want this one question (any other 4xx);
 * - `down`: it failed (5xx) or cannot be reached;
 * - `silent`: nothing came for longer than it may;
 * - `cut`: its answer ended in the middle;
 * - `garbled`: what it sent is no answer;
 * - `empty`: it answered nothing.
 */
export type FaultKind = 'busy' | 'refused' | 'rejected' | 'down' | 'silent' | 'cut' | 'garbled' | 'empty';

export class ModelFault extends Error {
  override readonly name = 'ModelFault';
  readonly kind: FaultKind;
  readonly status: number | undefined;
  /** The model asks to be left alone for so long. */
  readonly retryAfterMs: number | null;

  constructor(kind: FaultKind, more: { cause?: unknown; status?: number; retryAfterMs?: number | null } = {}) {
    super(`the model is ${kind}`, { cause: more.cause });
    this.kind = kind;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** For as long as a person is shown that somebody types. A model that wants more time than that will not be waited for. */
const longestRetryAfterMs = 20_000;
const firstRetryMs = 500;

/** How long to wait before attempt `next` (from 1 on); null: another attempt would only fail as well, or come too late. */
export function retryDelayMs({ kind, retryAfterMs }: ModelFault, next: number): number | null {
  if (kind !== 'busy' && kind !== 'down' && kind !== 'cut' && kind !== 'garbled') return null;
  const delayMs = Math.max(retryAfterMs ?? 0, firstRetryMs * 2 ** (next - 1));
  return delayMs > longestRetryAfterMs ? null : delayMs;
}

const refusals = new Set([401, 402, 403, 404]);
/** OpenAI's word for "nobody paid", which it says with the status of being busy. */
const unpaid = 'insufficient_quota';

/** What a status of HTTP that is not 2xx means. */
export function statusFault(status: number, headers: Headers | undefined, code: unknown, cause?: unknown): ModelFault {
  const kind: FaultKind =
    refusals.has(status) || code === unpaid
      ? 'refused'
      : status === 429
        ? 'busy'
        : status >= 500 || status === 408
          ? 'down'
          : 'rejected';
  return new ModelFault(kind, { cause, status, retryAfterMs: headers ? retryAfter(headers) : null });
}

/** `retry-after` in seconds or as a date, or OpenAI's `retry-after-ms`. */
function retryAfter(headers: Headers): number | null {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (ms >= 0) return ms;
  const text = headers.get('retry-after') ?? '';
  const seconds = Number(text);
  if (text !== '' && seconds >= 0) return seconds * 1_000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}
