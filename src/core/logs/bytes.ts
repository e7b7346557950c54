/**
 * Output of a bot is bytes, not text. Until a line is kept it is a *byte string*: one character (0–255) for each byte,
 * so that places in it are places in the file, and invalid UTF-8 passes through searching and cutting unharmed.
 */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const beyondAscii = /[\x80-\xff]/;

/** Bytes that are no UTF-8 become U+FFFD. */
export function decodeBytes(bytes: string): string {
  if (!beyondAscii.test(bytes)) return bytes;
  const raw = new Uint8Array(bytes.length);
  for (let at = 0; at < raw.length; at += 1) raw[at] = bytes.charCodeAt(at);
  return decoder.decode(raw);
}

export function encodeBytes(text: string): string {
  return Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');
}

/** Whether the byte at `at` is the second, third or fourth of a character. */
export function insideCharacter(bytes: string, at: number): boolean {
  return (bytes.charCodeAt(at) & 0xc0) === 0x80;
}
