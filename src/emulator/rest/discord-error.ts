import type { z } from 'zod';

/** An answer in Discord's form: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
export class DiscordError extends Error {
  override readonly name = 'DiscordError';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, code: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { message, code, ...more };
  }
}

export const unknownChannel = (): DiscordError => new DiscordError(404, 10003, 'Unknown Channel');
export const unknownGuild = (): DiscordError => new DiscordError(404, 10004, 'Unknown Guild');
export const unknownMember = (): DiscordError => new DiscordError(404, 10007, 'Unknown Member');
export const unknownMessage = (): DiscordError => new DiscordError(404, 10008, 'Unknown Message');
export const unknownRole = (): DiscordError => new DiscordError(404, 10011, 'Unknown Role');
export const unknownUser = (): DiscordError => new DiscordError(404, 10013, 'Unknown User');
export const unknownEmoji = (): DiscordError => new DiscordError(400, 10014, 'Unknown Emoji');
export const unknownWebhook = (): DiscordError => new DiscordError(404, 10015, 'Unknown Webhook');
export const unknownInteraction = (): DiscordError => new DiscordError(404, 10062, 'Unknown interaction');
export const unknownCommand = (): DiscordError => new DiscordError(404, 10063, 'Unknown application command');
export const unknownVoiceState = (): DiscordError => new DiscordError(404, 10065, 'Unknown Voice State');
export const missingAccess = (): DiscordError => new DiscordError(403, 50001, 'Missing Access');
export const directChannelOnly = (): DiscordError =>
  new DiscordError(403, 50003, 'Cannot execute action on a DM channel');
export const emptyMessage = (): DiscordError => new DiscordError(400, 50006, 'Cannot send an empty message');
export const invalidWebhookToken = (): DiscordError => new DiscordError(401, 50027, 'Invalid Webhook Token');
export const missingPermissions = (): DiscordError => new DiscordError(403, 50013, 'Missing Permissions');
export const wrongChannelType = (): DiscordError =>
  new DiscordError(400, 50024, 'Cannot execute action on this channel type');

export type Problem = { readonly code: string; readonly message: string };
export type PlacedProblem = { readonly path: readonly PropertyKey[]; readonly problem: Problem };

const typeProblems: Readonly<Record<string, Problem>> = {
  object: { code: 'DICT_TYPE_CONVERT', message: 'Only dictionaries may be used in a DictType' },
  array: { code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' },
  int: { code: 'NUMBER_TYPE_COERCE', message: 'Value is not int.' },
  number: { code: 'NUMBER_TYPE_COERCE', message: 'Value is not a number.' },
  string: { code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' },
  boolean: { code: 'BOOLEAN_TYPE_CONVERT', message: 'Must be either true or false.' },
};

/** What Discord would say of it, as far as it is known. */
function problemOf(issue: z.core.$ZodIssue): Problem {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'number'
        ? { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${issue.maximum}.` }
        : { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` };
    case 'too_small':
      return issue.origin === 'number'
        ? { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${issue.minimum}.` }
        : { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
    case 'invalid_value':
      return { code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${issue.values.map(String).join(', ')}}.` };
    case 'invalid_type':
      if (issue.message.endsWith('undefined')) return required;
      return typeProblems[issue.expected] ?? { code: 'BASE_TYPE_INVALID', message: issue.message };
    case 'invalid_union':
      return { code: 'UNION_TYPE_CHOICES', message: 'Value is none of those that may stand here.' };
    case 'custom':
      return { code: String(issue.params?.['code'] ?? 'BASE_TYPE_INVALID'), message: issue.message };
    default:
      return { code: 'BASE_TYPE_INVALID', message: issue.message };
  }
}

export const required: Problem = { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };

/** 50035, with each problem at its place: `{ content: { _errors: [{ code, message }] } }`. */
export function invalidForm(issues: readonly PlacedProblem[]): DiscordError {
  type Node = { _errors?: Problem[]; [key: string]: Node | Problem[] | undefined };
  // Without a prototype: a path may hold any key that a client thought of.
  const emptyNode = (): Node => Object.create(null) as Node;
  const errors = emptyNode();
  for (const { path, problem } of issues) {
    let node = errors;
    for (const key of path.map(String)) {
      node[key] ??= emptyNode();
      node = node[key] as Node;
    }
    node._errors = [...(node._errors ?? []), problem];
  }
  return new DiscordError(400, 50035, 'Invalid Form Body', { errors });
}

/** The value in its expected shape. @throws DiscordError 50035 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidForm(result.error.issues.map((issue) => ({ path: issue.path, problem: problemOf(issue) })));
}
