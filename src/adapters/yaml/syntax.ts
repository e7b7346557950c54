import type { ErrorCode } from 'yaml';

const sentences: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab indents this line, and YAML allows only spaces: replace the tab by spaces',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ":" on this line, or an indentation that does not fit the lines above: put the text in quotes, or align the line',
  MULTILINE_IMPLICIT_KEY: 'this line is no "key: value", or its indentation does not fit the lines above',
  MULTIPLE_DOCS: 'a second document begins here ("---"): keep one document per file',
  BAD_SCALAR_START: 'a text cannot begin with this character: put it in quotes',
  BAD_DQ_ESCAPE:
    'this escape sequence is not known between double quotes: write \\\\ for a backslash, or use single quotes',
  TAG_RESOLVE_FAILED: 'tags (!name) mean nothing here: a text that begins with ! must stand in quotes',
  NON_STRING_KEY: 'a key must be plain text: a text that begins with { or [ must stand in quotes',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  KEY_OVER_1024_CHARS: 'a key has more than 1024 characters',
};

/** These never repeat what stands in the file. */
const harmless: readonly ErrorCode[] = ['MISSING_CHAR', 'BAD_INDENT'];

/** What is wrong, for people, without a word of the text itself: it may be a secret. */
export function syntaxFault(code: ErrorCode, message: string): string {
  const known = sentences[code];
  if (known !== undefined) return known;
  const detail = harmless.includes(code) ? ` (${message})` : '';
  return `this is no valid YAML${detail}: check indentation, quotes and brackets; inside [ ] and { } a text such as \${NAME} stands in quotes`;
}
