import type { HealthPolicy } from '../health/policy.ts';
import type { RestartPolicy } from '../restart/policy.ts';
import type { Rate } from './fields.ts';

/** A secret in a spec: resolved by the daemon, never shown, never written. */
export type Secret = { readonly secret: string };

/** How a program without SDK says that it is ready. `sdk`: it speaks the child protocol. */
export type Readiness =
  | { readonly kind: 'sdk' }
  | { readonly kind: 'spawned' }
  | { readonly kind: 'log'; readonly pattern: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'exec'; readonly command: readonly [string, ...string[]] };

export type LlmSpec = {
  readonly baseUrl: string;
  readonly key: Secret | null;
  readonly model: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly timeoutMs: number;
  readonly budget: BudgetSpec;
};

/** What the model may be asked at most; null: as much as anybody likes. */
export type BudgetSpec = {
  readonly user: Rate | null;
  readonly guild: Rate | null;
  readonly requestsPerDay: number | null;
  readonly tokensPerDay: number | null;
};

/** What runs: any program, or the built-in bot. */
export type Program =
  | { readonly kind: 'command'; readonly command: readonly [string, ...string[]] }
  | {
      readonly kind: 'assistant';
      readonly llm: LlmSpec;
      readonly systemPrompt: string;
      /** Instead of `systemPrompt`, by guild. */
      readonly prompts: Readonly<Record<string, string>>;
      /** The only guilds in which it answers; null: all. */
      readonly guilds: readonly string[] | null;
      readonly directMessages: boolean;
      readonly conversationMessages: number;
      readonly conversationTokens: number;
      readonly conversationChannels: number;
    };

/** One bot as it should be: every default filled in, every variable resolved, every unit converted. */
export type BotSpec = {
  readonly name: string;
  /** `service`: a companion that is no Discord bot; not counted in the capacity, spends no IDENTIFY. */
  readonly kind: 'bot' | 'service';
  readonly program: Program;
  readonly token: Secret | null;
  /** Base of Discord's REST API, e.g. https://discord.com/api; a command finds it as DISCORD_API. */
  readonly discordApi: string;
  readonly secretsIn: 'file' | 'env';
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly autostart: boolean;
  readonly after: readonly string[];
  readonly ready: Readiness;
  readonly restart: RestartPolicy;
  readonly health: HealthPolicy;
  readonly memoryLimitBytes: number | null;
  /** The file that defines it, for messages: `bots.d/music.yaml:1:1`. */
  readonly source: string;
};

export type FleetSpec = {
  readonly capacity: number;
  readonly bots: readonly BotSpec[];
  /** Absolute paths of all files read, for watching and messages. */
  readonly files: readonly string[];
};
