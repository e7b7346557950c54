import type { Emulator } from '../../src/emulator/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
export type Answer = { status: number; headers: Headers; body: any };

/** One HTTP call in JSON, without any library's good manners. */
export async function call(
  url: string,
  method = 'GET',
  options: { token?: string; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bot ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

export const channelOf = (application: { channelIds: readonly string[] }, index = 0): string =>
  application.channelIds[index] ?? '';

/** The base of `/emulator/*`. */
export const adminUrl = (emulator: Emulator): string => `${emulator.pageUrl}emulator`;
