/** Close codes after which Discord's documentation says not to reconnect, in words for people. */
export const fatalCloses: Readonly<Record<number, string>> = {
  4004: 'it does not accept the token',
  4010: 'it does not accept the shard number',
  4011: 'the bot is in too many guilds for one shard',
  4012: 'it does not know this version of the gateway',
  4013: 'it does not know these intents',
  4014: 'these intents are not enabled for the bot in the Developer Portal',
};
