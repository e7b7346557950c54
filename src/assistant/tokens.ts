/**
 * An estimate: one token for four bytes of UTF-8. About right for English, code and most of Europe; other scripts have
 * more bytes per character, and more tokens too. Models differ, and only they know.
 */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);

/** What a message takes beside its text: its role and its borders. */
export const tokensPerMessage = 4;
