import type { z } from 'zod';
import { EmulatorError } from '../errors.ts';

/** The value in its expected shape. @throws EmulatorError 400, naming every field that is wrong */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new EmulatorError(400, problems.join('; '));
}
