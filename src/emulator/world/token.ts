import { randomBytes } from 'node:crypto';

/**
 * The emulator's tokens have Discord's form (base64url of the user id, 6 and 38 characters), so that every library takes
 * them, and a mark that no real token has. Whatever lacks the mark may be somebody's real token in the wrong place: it is
 * refused, and neither stored nor printed.
 */
const firstMark = 'EMU';
const secondMark = 'droas-emulator-not-real-';
const marked = new RegExp(`^[\\w-]{20,28}\\.${firstMark}[\\w-]{3}\\.${secondMark}[\\w-]{14}$`);

const random = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);

export const mintToken = (userId: string): string =>
  `${Buffer.from(userId).toString('base64url')}.${firstMark}${random(3)}.${secondMark}${random(14)}`;

export const isMarkedToken = (token: string): boolean => marked.test(token);

/** Fits into a close frame (123 bytes). */
export const unmarkedTokenReason =
  'Not a token of this emulator, possibly a real one: refused. Use one that the emulator made.';
