import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { schemas } from '../../scripts/schema.ts';
import { botSchema, fleetSchema } from '../../src/core/config/json-schema.ts';
import { folder, load, modToken, musicToken, token } from './fixtures.ts';

const manual = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');

test('the JSON Schemas in docs/ are what the daemon checks with (npm run schema renews them)', () => {
  for (const { path, text } of schemas)
    assert.equal(readFileSync(path, 'utf8'), text, `${path.pathname} is stale: npm run schema`);
});

type Node = {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly default?: unknown;
  readonly description?: string;
};

function* keysOf(node: Node, above = ''): Generator<{ readonly key: string; readonly node: Node }> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    yield { key: `${above}${name}`, node: child };
    yield* keysOf(child, `${above}${name}.`);
  }
}

test('the manual has a row for every key, with its default', () => {
  const { properties = {} } = fleetSchema() as Node;
  const bot = [...keysOf(botSchema() as Node)];
  const fleet = Object.entries(properties).map(([key, node]) => ({ key, node }));
  for (const { key, node } of [...fleet, ...bot]) {
    assert.ok(node.description, `${key} has no description`);
    const explained = ['restart', 'stop', 'health', 'llm', 'conversation'].includes(key)
      ? [manual]
      : manual.split('\n').filter((line) => line.startsWith(`| \`${key}\` |`));
    assert.equal(explained.length, 1, `${key} has ${explained.length} rows`);
    if (node.default === undefined || Array.isArray(node.default) || key === 'systemPrompt') continue;
    assert.ok(explained[0]?.includes(`| ${node.default} |`), `${key}: the default is ${node.default}`);
  }
});

test('every row of the manual is about a key that exists', () => {
  const known = new Set([...keysOf(fleetSchema() as Node), ...keysOf(botSchema() as Node)].map(({ key }) => key));
  const sections = manual.split('\n## ').filter((section) => /^(?:The fleet|A bot)/.test(section));
  const rows = [
    ...sections
      .join('\n')
      .replace(/### Ready[^#]*/, '')
      .matchAll(/^\| `([\w.]+)` \|/gm),
  ].map(([, key]) => key ?? '');
  assert.ok(rows.length > 50);
  assert.deepEqual(
    rows.filter((key) => !known.has(key)),
    [],
  );
});

test('the examples of the manual are one fleet that loads', () => {
  const files = Object.fromEntries(
    [...manual.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
  );
  const env = {
    OPENAI_API_KEY: 'k',
    HELPER_TOKEN: musicToken,
    MUSIC_TOKEN: modToken,
    EMULATOR_TOKEN: token('323456789012345678'),
    REAL_TOKEN: token('423456789012345678'),
  };
  const { bots } = load(folder(files), env);
  assert.deepEqual(bots.map(({ name }) => name).sort(), ['helper', 'lavalink', 'music', 'practice', 'real']);
});
