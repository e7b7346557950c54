import { REST } from '@discordjs/rest';
import type { Settings } from './settings.ts';

/**
 * Discord's REST API, through Node's own fetch. `unauthorized` is called when Discord refuses the bot's token (401); the
 * same status on a request with a token of its own, such as an interaction's, says nothing about it.
 */
export function createRest(
  { token, discordApi }: Pick<Settings, 'token' | 'discordApi'>,
  unauthorized: () => void,
): REST {
  const rest = new REST({
    api: discordApi,
    async makeRequest(url, init) {
      const response = await fetch(url, init as object);
      if (response.status === 401 && new Headers(init.headers as Record<string, string>).has('authorization'))
        unauthorized();
      return response;
    },
  });
  return rest.setToken(token);
}
