import assert from 'node:assert/strict';
import { test } from 'node:test';
import { botProblems } from '../../src/core/config/rules.ts';
import { botDocument } from '../../src/core/config/schema.ts';
import { TestFleet } from '../support/daemon.ts';

const problems = (document: object) =>
  botProblems(botDocument.parse(document), {}).map(({ path, what }) => `${path}: ${what}`);
const discordApi = 'http://127.0.0.1:7430/api';

test('any bot may have a Discord of its own, a service has none', () => {
  assert.deepEqual(problems({ command: 'node bot.js', discordApi }), []);
  assert.deepEqual(problems({ command: 'node bot.js', kind: 'service', discordApi }), [
    'discordApi: a service is no Discord bot: remove this',
  ]);
});

test('a program finds its Discord in the environment, unless its own environment names another', async (t) => {
  const show = ['sh', '-c', 'echo "Discord: $DISCORD_API."; exec sleep 1000'];
  const own = { command: show, env: { DISCORD_API: 'http://own/api' } };
  const fleet = new TestFleet(
    { usual: { command: show }, own, service: { kind: 'service', command: show } },
    { defaults: { discordApi } },
  );
  t.after(() => fleet.dispose());
  await fleet.up();
  const expected = { usual: `Discord: ${discordApi}.`, own: 'Discord: http://own/api.', service: 'Discord: .' };
  for (const [name, line] of Object.entries(expected)) {
    await fleet.until(name, ({ state }) => state === 'running');
    while ((await fleet.logs(name)).length === 0);
    assert.equal((await fleet.logs(name))[0]?.text, line);
  }
});
