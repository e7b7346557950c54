import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { DroasError } from '../core/errors.ts';

/**
 * The YAML mapping in a file, as it is: what its keys mean is for the supervisor to judge.
 * @throws DroasError CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export function readDocument(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DroasError('CONFIG_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const details = document.errors.map(({ linePos, message }) => ({
      where: linePos === undefined ? path : `${path}:${linePos[0].line}:${linePos[0].col}`,
      what: message.split('\n')[0] ?? message,
    }));
    throw new DroasError('CONFIG_INVALID', `${path} is not YAML.`, { details });
  }
  const value: unknown = document.toJS();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DroasError('CONFIG_INVALID', `${path} does not describe a bot: it holds no keys.`);
}
