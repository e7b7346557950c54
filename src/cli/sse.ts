/** One server-sent event. */
export type Message = { readonly id: string; readonly data: string };

/** Takes the text of an event stream apart. Comments, `retry` and a torn last message are left out. */
export async function* messages(text: AsyncIterable<string>): AsyncGenerator<Message> {
  let rest = '';
  for await (const chunk of text) {
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const message = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (message !== null) yield message;
    }
  }
}

function parse(block: string): Message | null {
  const value = (field: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${field}: `))
      ?.slice(field.length + 2);
  const data = value('data');
  return data === undefined ? null : { id: value('id') ?? '', data };
}
