/** Names of bots: they become folder names, labels and URLs. */
export const botNamePattern = /^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/;
export const botNameRule = '1–32 of a–z, 0–9, - and _; first and last a letter or digit';
export const isBotName = (name: string): boolean => botNamePattern.test(name);
