import { REST } from '@discordjs/rest';
import type { Settings } from './settings.ts';

/**
 * Discord's REST API, through Node's own fetch. `unauthorized` is called when Discord refuses the bot's token (401); the
 * same status on a request with a token of its own, such as an interaction's, says nothing about it. `heard` gets the
 * headers of every answer, with Discord's limits in them.
 */
export function createRest(
  { token, discordApi }: Pick<Settings, 'token' | 'discordApi'>,
  unauthorized: () => void,
  heard: (method: string, url: string, headers: Headers) => void = () => {},
): REST {
  const rest = new REST({
    api: discordApi,
    async makeRequest(url, init) {
      const response = await fetch(url, init as object);
      if (response.status === 401 && new Headers(init.headers as Record<string, string>).has('authorization'))
        unauthorized();
      heard(init.method ?? 'GET', url, response.headers);
      return response;
    },
  });
  return rest.setToken(token);
}
