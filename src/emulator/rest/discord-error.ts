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
export const unknownMessage = (): DiscordError => new DiscordError(404, 10008, 'Unknown Message');
export const unknownWebhook = (): DiscordError => new DiscordError(404, 10015, 'Unknown Webhook');
export const unknownUser = (): DiscordError => new DiscordError(404, 10013, 'Unknown User');
export const unknownInteraction = (): DiscordError => new DiscordError(404, 10062, 'Unknown interaction');
export const missingAccess = (): DiscordError => new DiscordError(403, 50001, 'Missing Access');
export const emptyMessage = (): DiscordError => new DiscordError(400, 50006, 'Cannot send an empty message');

type Problem = { readonly code: string; readonly message: string };

function problemOf(issue: z.core.$ZodIssue): Problem {
  if (issue.code === 'too_big')
    return { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` };
  if (issue.code === 'too_small')
    return { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
  if (issue.code === 'invalid_type' && issue.message.endsWith('undefined'))
    return { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };
  return { code: 'BASE_TYPE_INVALID', message: issue.message };
}

/** 50035, with each problem at its place: `{ content: { _errors: [{ code, message }] } }`. */
export function invalidForm(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly problem: Problem }[],
): DiscordError {
  type Node = { _errors?: Problem[]; [key: string]: Node | Problem[] | undefined };
  const errors: Node = {};
  for (const { path, problem } of issues) {
    let node = errors;
    for (const key of path.map(String)) {
      node[key] ??= {};
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
