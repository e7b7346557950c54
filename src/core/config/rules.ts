import { base } from './base.ts';
import { builtIn } from './defaults.ts';
import { isGuildId } from './fields.ts';
import { type Path, type Problem, problem } from './problem.ts';
import type { BotDocument, Defaults } from './schema.ts';
import { tokenFault } from './token.ts';

/**
 * What the schema cannot say about one bot: keys that need or exclude each other, and the form of its token. `defaults`
 * are null when they cannot be read: then nothing that they could have said is missed.
 */
export function botProblems(bot: BotDocument, defaults: Defaults | null): readonly Problem[] {
  return [
    ...programProblems(bot, defaults),
    ...tokenProblems(bot),
    ...environmentProblems(bot.env, ['env']),
    ...promptProblems(bot.prompts, ['prompts']),
    ...homeProblems(bot),
    // A bot without a policy of its own has the fleet's, whose faults are told there.
    ...(bot.restart === undefined || defaults === null
      ? []
      : restartProblems({ ...defaults.restart, ...bot.restart }, ['restart'])),
  ];
}

/** The same for `defaults` of droas.yaml, at its place there. */
export const defaultsProblems = ({ env, prompts, restart }: Defaults): readonly Problem[] => [
  ...environmentProblems(env, ['defaults', 'env']),
  ...promptProblems(prompts, ['defaults', 'prompts']),
  ...restartProblems(restart, ['defaults', 'restart']),
];

const forAssistant = ['llm', 'systemPrompt', 'prompts', 'guilds', 'directMessages', 'conversation'] as const;

function programProblems(bot: BotDocument, defaults: Defaults | null): readonly Problem[] {
  const { builtin, command } = bot;
  if (builtin !== undefined && command !== undefined) {
    return [problem(['builtin'], 'a bot has either `command` or `builtin`, not both: remove one', 'key')];
  }
  if (builtin !== undefined) return assistantProblems(bot, defaults);
  const misplaced = forAssistant.filter((key) => bot[key] !== undefined);
  const problems = misplaced.map((key) =>
    problem([key], 'only the built-in bot (`builtin: assistant`) uses this: remove it', 'key'),
  );
  if (bot.kind === 'service' && bot.discordApi !== undefined)
    problems.push(problem(['discordApi'], 'a service is no Discord bot: remove this', 'key'));
  if (command !== undefined) return problems;
  return [
    problem([], 'nothing to run: add `command: [program, argument]` or `builtin: assistant`', 'key'),
    ...problems,
  ];
}

function assistantProblems({ kind, token, llm }: BotDocument, defaults: Defaults | null): readonly Problem[] {
  const problems: Problem[] = [];
  if (kind === 'service') {
    problems.push(problem(['kind'], 'the built-in bot is a Discord bot, no service: remove this'));
  }
  if (token === undefined) {
    problems.push(problem([], `the built-in bot needs a "token": add token: \${NAME_OF_A_VARIABLE}`, 'key'));
  }
  if (defaults === null) return problems;
  const model = { ...base.llm, ...defaults.llm, ...llm };
  const where: Path = llm === undefined ? [] : ['llm'];
  if (!('model' in model)) {
    problems.push(
      problem(where, 'the built-in bot needs `llm.model`: name a model, here or under `defaults` in droas.yaml', 'key'),
    );
  }
  if (model.baseUrl === builtIn.llm.baseUrl && !('key' in model)) {
    const host = new URL(model.baseUrl).host;
    problems.push(
      problem(where, `${host} needs \`llm.key\`: add it, or give the \`llm.baseUrl\` of another interface`, 'key'),
    );
  }
  return problems;
}

function tokenProblems({ kind, token }: BotDocument): readonly Problem[] {
  if (token === undefined) return [];
  if (kind === 'service') {
    return [problem(['token'], 'a service is no Discord bot and has no token: remove this, or `kind: service`', 'key')];
  }
  const fault = tokenFault(token);
  return fault === null ? [] : [problem(['token'], fault)];
}

const environmentProblems = (env: BotDocument['env'] = {}, at: Path): readonly Problem[] =>
  Object.keys(env).flatMap((name) => {
    const fault = variableFault(name);
    return fault === null ? [] : [problem([...at, name], fault, 'key')];
  });

/** What is wrong with the name of a variable for a bot's environment, or null. */
export function variableFault(name: string): string | null {
  if (!/^[A-Za-z_]\w*$/.test(name)) return 'this is no name of a variable (letters, digits and _, no digit first)';
  return name.startsWith('DROAS_') ? 'names that begin with DROAS_ belong to the supervisor: choose another' : null;
}

const promptProblems = (prompts: BotDocument['prompts'] = {}, at: Path): readonly Problem[] =>
  Object.keys(prompts)
    .filter((guild) => !isGuildId(guild))
    .map((guild) => problem([...at, guild], 'this is no id of a Discord server (15 to 20 digits)', 'key'));

const homeProblems = ({ cwd, envFile }: BotDocument): readonly Problem[] =>
  Object.entries({ cwd, envFile })
    .filter(([, path]) => path !== undefined && /^~(?:\/|$)/.test(path))
    .map(([key]) => problem([key], `~ is not replaced here: write \${HOME} or the whole path`));

function restartProblems(restart: Defaults['restart'], at: Path): readonly Problem[] {
  const { initialDelay, maxDelay } = { ...base.restart, ...restart };
  if (initialDelay <= maxDelay) return [];
  return [problem(at, '`maxDelay` is shorter than `initialDelay`: raise one or lower the other', 'key')];
}
