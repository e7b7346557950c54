/**
 * Text that others wrote (bots, Discord users), fit for a terminal: control characters, line separators and the
 * characters that reverse the direction of writing are shown as escapes instead of taking effect.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (character) =>
    character === '\t' ? character : escaped(character),
  );

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line of JSON that a terminal shows as it is: JSON itself escapes only part of the control characters. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
