import assert from 'node:assert/strict';
import { it } from 'node:test';
import { API } from '@discordjs/core';
import { type Command, register } from '../../src/assistant/commands.ts';
import { createRest } from '../../src/assistant/rest.ts';
import { createEmulator } from '../../src/emulator/index.ts';

it('commands are written to Discord when they differ, and only then', async () => {
  await using emulator = await createEmulator();
  const { id, token } = emulator.createApplication();
  const api = new API(createRest({ token, discordApi: emulator.url }, () => assert.fail()));
  const writes = () => emulator.ledger.entries({ type: 'rest' }).filter(({ method }) => method === 'PUT').length;
  const ping: Command = { name: 'ping', description: 'Pings', discreet: true, run: () => 'Pong' };
  const reset: Command = { ...ping, name: 'reset' };
  const steps: readonly (readonly [string, readonly Command[], number])[] = [
    ['first', [ping, reset], 1],
    ['again', [ping, reset], 1],
    ['in another order', [reset, ping], 1],
    ['with another description', [{ ...ping, description: 'Answers' }, reset], 2],
    ['with one less', [reset], 3],
  ];
  for (const [name, commands, expected] of steps) {
    await register(commands, id, api);
    assert.equal(writes(), expected, name);
  }
});
