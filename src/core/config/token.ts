/**
 * Tokens of Discord bots, as far as their form tells: three base64url parts with dots between; the first is the id of the
 * bot user. The rest is random, and nothing here ever shows any of it.
 */
const form = /^([\w-]+)\.[\w-]+\.[\w-]+$/;
const snowflake = /^\d{15,20}$/;
/** What may be a token, anywhere in a text: an id begins with 1–9, which base64 writes as M, N or O. */
const candidates = /[MNO][\w-]{19,}\.[\w-]{5,}\.[\w-]{20,}/g;

/** The id of the bot user that owns the token, or null when the text has not the form of a token. */
export function tokenOwner(token: string): string | null {
  const [, first] = form.exec(token) ?? [];
  const id = first === undefined ? null : decoded(first);
  return id !== null && snowflake.test(id) ? id : null;
}

/** Whether a token, or what looks like one, stands anywhere in the text. */
export const containsToken = (text: string): boolean =>
  (text.match(candidates) ?? []).some((candidate) => tokenOwner(candidate) !== null);

/** What is wrong with a text that should be a token, in words that do not show it; null when its form is right. */
export function tokenFault(token: string): string | null {
  if (tokenOwner(token) !== null) return null;
  if (token === '') return 'the token is empty';
  if (token !== token.trim()) return 'the token has white space around it';
  if (/^bot\s/i.test(token)) return 'the token must stand without the word "Bot" before it';
  if (/^mfa\./.test(token))
    return "this is the token of a user account: Discord forbids self-bots, a bot's own token is needed";
  return 'this does not look like a bot token (three parts with dots between): copy it from the Discord Developer Portal, Bot → Reset Token';
}

function decoded(base64url: string): string | null {
  try {
    return atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
}
