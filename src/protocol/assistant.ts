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

export type AssistantSettings = {
  readonly llm: {
    /** Base of an OpenAI-compatible endpoint, e.g. https://api.openai.com/v1. */
    readonly baseUrl: string;
    readonly model: string;
    readonly maxTokens: number;
    readonly temperature: number;
    /** How long the model may be silent: before its answer and between two parts of it. */
    readonly timeoutMs: number;
  };
  readonly systemPrompt: string;
  /** Messages kept per channel, questions and answers counted alike. 0 keeps none. */
  readonly conversationMessages: number;
  /** Base of Discord's REST API without version, e.g. https://discord.com/api. */
  readonly discordApi: string;
};
