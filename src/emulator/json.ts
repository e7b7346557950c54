/** What TypeScript does not know yet: the third argument of a reviver. */
type Reviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;

/**
 * JSON as Discord reads it: ids may come as numbers (discord.py sends them so), which JavaScript cannot hold. Whole
 * numbers beyond its reach become strings of the same digits.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const keepDigits: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^\d{1,20}$/.test(source) ? source : value;
  return JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]);
}
