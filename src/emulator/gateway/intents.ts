export const intent = {
  guilds: 1 << 0,
  guildMembers: 1 << 1,
  guildVoiceStates: 1 << 7,
  guildPresences: 1 << 8,
  guildMessages: 1 << 9,
  guildMessageReactions: 1 << 10,
  guildMessageTyping: 1 << 11,
  directMessages: 1 << 12,
  directMessageReactions: 1 << 13,
  directMessageTyping: 1 << 14,
  messageContent: 1 << 15,
} as const;

/** 0–16, 20, 21, 24, 25: every intent that Discord documents. */
const known = 0b11_0011_0001_1111_1111_1111_1111;
const privileged = intent.guildMembers | intent.guildPresences | intent.messageContent;

export const isValidIntents = (intents: number): boolean =>
  Number.isInteger(intents) && intents >= 0 && intents <= known && (intents & ~known) === 0;

/** Privileged intents asked for and not switched on. */
export const disallowedIntents = (intents: number, allowed: number): number => intents & privileged & ~allowed;
