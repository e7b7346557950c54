import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/assistant/settings.ts';

const read = (secrets: Record<string, string>) => readSettings({ secret: (name) => secrets[name] });

describe('the settings', () => {
  it('come from the secrets', () => {
    const settings = read({ DISCORD_TOKEN: 't', LLM_KEY: 'k', DROAS_ASSISTANT: '{"systemPrompt":"be kind"}' });
    assert.deepEqual(settings, { systemPrompt: 'be kind', token: 't', llmKey: 'k' });
    assert.equal(read({ DISCORD_TOKEN: 't', DROAS_ASSISTANT: '{}' }).llmKey, null);
  });

  it('that are missing are named', () => {
    assert.throws(() => read({}), /DISCORD_TOKEN/);
    assert.throws(() => read({ DISCORD_TOKEN: 't' }), /DROAS_ASSISTANT is neither/);
    assert.throws(
      () => read({ DISCORD_TOKEN: 't', DROAS_ASSISTANT: '{secret' }),
      /^Error: DROAS_ASSISTANT is not JSON$/,
    );
  });
});
