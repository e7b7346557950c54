/** What Discord's refusal for good means, and who can lift it. */
export type Refusal = { readonly sentence: string; readonly remedy: string };

const renewToken =
  'the token is wrong or was reset: put the present one from the Developer Portal (Bot → Token) into the configuration, then start the bot';

/**
 * The gateway close codes after which Discord asks not to reconnect. All others are the library's own business.
 * @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
 */
const refusals: Readonly<Record<number, Refusal>> = {
  4004: {
    sentence: 'Discord refused the token (close code 4004)',
    remedy: renewToken,
  },
  4010: {
    sentence: 'Discord refused the shard (close code 4010)',
    remedy: 'the shard id must be below the shard count: correct both in the bot, then start it',
  },
  4011: {
    sentence: 'the bot is in too many servers for its shard count (close code 4011)',
    remedy: 'raise the shard count to what GET /gateway/bot recommends, then start the bot',
  },
  4012: {
    sentence: 'Discord no longer speaks the gateway version of the bot (close code 4012)',
    remedy: 'update the Discord library of the bot, then start it',
  },
  4013: {
    sentence: 'Discord does not know the intents that the bot asked for (close code 4013)',
    remedy: 'correct the intents in the code of the bot, then start it',
  },
  4014: {
    sentence: 'the bot asked for privileged intents that are switched off (close code 4014)',
    remedy:
      'in the Developer Portal, Bot → Privileged Gateway Intents, switch on those that the bot asks for (Presence, Server Members, Message Content), or remove them from its code, then start it',
  },
};

export const refusalOf = (closeCode: number | null): Refusal | null =>
  closeCode === null ? null : (refusals[closeCode] ?? null);

export const unauthorized: Refusal = {
  sentence: "Discord answered 401 to the bot's own token",
  remedy: renewToken,
};
