/** Discord's limit for one message, in UTF-16 code units: never more than what Discord counts. */
export const maxMessageLength = 2000;

const fence = '```';
/** Room for closing a code block at the end of a piece. */
const closing = `\n${fence}`;

/**
 * Cuts a text into messages: at the end of a line if there is one in the second half, else between words, else anywhere
 * but inside a character. A code block that is cut is closed and opened again with its language. Each piece depends only
 * on the text up to its own end, so that a text which grows never changes the messages before the last two.
 */
export function split(text: string, limit = maxMessageLength): readonly string[] {
  const pieces: string[] = [];
  let opening = '';
  let rest = text;
  while (opening.length + rest.length > limit) {
    const end = cut(rest, limit - opening.length - closing.length);
    const piece = (opening + rest.slice(0, end)).trimEnd();
    const block = openBlock(piece);
    if (piece !== '') pieces.push(block === null ? piece : piece + closing);
    opening = block === null ? '' : `${block}\n`;
    rest = rest.slice(end).replace(block === null ? /^\s+/ : /^\n/, '');
  }
  if (rest.trim() !== '') pieces.push(opening + rest);
  return pieces;
}

function cut(text: string, limit: number): number {
  const head = text.slice(0, limit + 1);
  for (const separator of ['\n', ' ']) {
    const at = head.lastIndexOf(separator);
    if (at > limit / 2) return at;
  }
  return isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The opening fence, with its language, of the code block in which the text ends; null outside of one. */
function openBlock(text: string): string | null {
  const isOpen = text.split(fence).length % 2 === 0;
  if (!isOpen) return null;
  const [line = fence] = text.slice(text.lastIndexOf(fence)).split('\n');
  return /^```[\w+#.-]{0,20}$/.test(line) ? line : fence;
}
