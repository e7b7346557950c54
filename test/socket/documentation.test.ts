import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { childMethods } from '../../src/protocol/child.ts';
import { OpenChannel } from './open-channel.ts';
import { RawClient } from './raw-client.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

it('the conversation in docs/protocol.md happens as it is written', async () => {
  await using open = await OpenChannel.open();
  using client = await RawClient.connect(open.channel.path);
  const lines = page.match(/^[→←] .*$/gm) ?? [];
  assert.equal(lines.length, 4);
  for (const line of lines) {
    const text = line.slice(2).replace('<DROAS_RUN>', open.run).replace('<DROAS_KEY>', open.key);
    if (line.startsWith('→')) client.write(`${text}\n`);
    else assert.deepEqual(await client.answer(), JSON.parse(text));
  }
  await open.until(() => open.messages.length === 2);
  assert.equal(open.refusals.length, 0);
});

it('docs/protocol.md explains every method, and every field of gateway', () => {
  for (const name of [...Object.keys(childMethods), ...Object.keys(childMethods.gateway.shape)]) {
    assert.ok(page.includes(`\`${name}\``), name);
  }
});
