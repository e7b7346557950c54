/**
 * What the supervisor hands to the built-in bot: entries of the JSON file named by DROAS_SECRETS. Without dependencies,
 * because the bot itself reads this too.
 */
export const discordTokenName = 'DISCORD_TOKEN';
export const llmKeyName = 'LLM_KEY';
/** The one-time key of the incarnation; every child gets it. */
export const childKeyName = 'DROAS_KEY';
/** `AssistantSettings` as a JSON string. */
export const assistantConfigKey = 'DROAS_ASSISTANT';

/** So many within a sliding window. */
export type Rate = { readonly count: number; readonly windowMs: number };

/** What the model may be asked at most; null: as much as anybody likes. */
export type BudgetLimits = {
  /** Questions of one person, and of one guild. */
  readonly user: Rate | null;
  readonly guild: Rate | null;
  /** Of the whole bot, in a day that begins at 00:00 UTC. */
  readonly requestsPerDay: number | null;
  readonly tokensPerDay: number | null;
};

/** What was spent in one day; `day` counts days of UTC since 1970. */
export type Spent = { readonly day: number; readonly requests: number; readonly tokens: number };

export type AssistantSettings = {
  readonly llm: {
    /** Base of an OpenAI-compatible endpoint, e.g. https://api.openai.com/v1. */
    readonly baseUrl: string;
    readonly model: string;
    readonly maxTokens: number;
    readonly temperature: number;
    /** How long the model may be silent: before its answer and between two parts of it. */
    readonly timeoutMs: number;
    readonly budget: BudgetLimits;
  };
  /** What an earlier incarnation spent, as it said last; null when nobody remembers. */
  readonly spent: Spent | null;
  readonly systemPrompt: string;
  /** Instead of `systemPrompt`, by guild. */
  readonly prompts: Readonly<Record<string, string>>;
  /** The only guilds in which it answers; null: all. */
  readonly guilds: readonly string[] | null;
  readonly directMessages: boolean;
  /** Messages kept per channel, questions and answers counted alike. 0 keeps none. */
  readonly conversationMessages: number;
  /** Longest prompt: the system prompt, what is remembered, and the question. */
  readonly conversationTokens: number;
  readonly conversationChannels: number;
  /** Base of Discord's REST API without version, e.g. https://discord.com/api. */
  readonly discordApi: string;
};
