/** Durations and sizes as people write them (`30s`, `1h30m`, `256MiB`) and as people read them (`1.4s`, `3d 4h`, `61 MB`). */

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationForm = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const durationPart = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Milliseconds, rounded to whole ones, of `500ms`, `1.5s`, `5m`, `1h30m`, `2d`. Null when it is no duration; a bare number is none. */
export function parseDuration(text: string): number | null {
  if (text.length > 32 || !durationForm.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(durationPart)) {
    ms += Number(amount) * durationUnits[unit as keyof typeof durationUnits];
  }
  return Math.round(ms);
}

const sizeUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Whole bytes of `100MB` (10⁶), `256MiB` (2²⁰), `1.5GB`; upper or lower case. Null when it is no size; a bare number is none. */
export function parseSize(text: string): number | null {
  const [, amount, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)\s?([a-z]{1,3})$/i.exec(text) ?? [];
  const factor = sizeUnits[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? null : Math.round(Number(amount) * factor);
}

const spans = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** `340ms`, `1.4s`, `12m`, `3d 4h`: at most two units, for people. Negative durations count as none. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole}ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${tenths / 10}s`;
  let left = Math.round(whole / 1_000);
  const parts: string[] = [];
  const first = spans.findIndex(([, seconds]) => left >= seconds);
  for (const [unit, seconds] of spans.slice(first, first + 2)) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(' ');
}

const magnitudes = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `61 MB`, `1.2 GB`: powers of ten, three digits at most, for people. */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes);
  let index = 0;
  while (Math.round(amount) >= 1_000 && index < magnitudes.length - 1) {
    amount /= 1_000;
    index += 1;
  }
  const digits = amount < 9.95 && index > 0 ? Math.round(amount * 10) / 10 : Math.round(amount);
  return `${digits} ${magnitudes[index] ?? 'B'}`;
}
