import { parseJson } from '../../json.ts';
import { DiscordError } from '../discord-error.ts';

export type UploadedFile = {
  /** `n` of the form field `files[n]`, by which the message's `attachments` name it. */
  readonly index: number;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
};

/** A request body that came as a form: the JSON fields and the files beside them. */
export class Upload {
  readonly fields: unknown;
  readonly files: readonly UploadedFile[];

  constructor(fields: unknown, files: readonly UploadedFile[]) {
    this.fields = fields;
    this.files = files;
  }
}

/** Deeper JSON is refused: writing it out again could exhaust the stack. */
const deepest = 100;
const isNestedBeyond = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isNestedBeyond(levels - 1, inner)));

/** Undefined for an empty text. @throws DiscordError 50109 */
export function jsonIn(text: string): unknown {
  if (text === '') return undefined;
  try {
    const value = parseJson(text);
    if (isNestedBeyond(deepest, value)) throw new RangeError('too deep');
    return value;
  } catch {
    throw new DiscordError(400, 50109, 'The request body contains invalid JSON.');
  }
}

/** @throws DiscordError when it is no form, or `payload_json` no JSON */
export async function parseForm(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Upload> {
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw new DiscordError(400, 50035, 'Invalid Form Body: not well-formed multipart/form-data');
  });
  const fields: Record<string, unknown> = {};
  const files: UploadedFile[] = [];
  let payload: unknown;
  for (const [name, value] of form) {
    if (typeof value !== 'string')
      files.push({
        index: Number(/\d+/.exec(name)?.[0] ?? files.length),
        name: value.name,
        contentType: value.type || 'application/octet-stream',
        bytes: new Uint8Array(await value.arrayBuffer()),
      });
    else if (name === 'payload_json') payload = jsonIn(value);
    else fields[name] = value;
  }
  return new Upload(payload ?? fields, files);
}

/** The JSON part of a body, and its files, whichever form it came in. */
export const uploadOf = (body: unknown): Upload => (body instanceof Upload ? body : new Upload(body ?? {}, []));
