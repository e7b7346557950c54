import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findConfig } from '../../src/adapters/yaml/index.ts';
import { failure } from './fixtures.ts';

const places = [
  '/here/droas.yaml',
  '/x/droas/droas.yaml',
  '/home/me/.config/droas/droas.yaml',
  '/etc/droas/droas.yaml',
];
const find = (existing: readonly string[], env: Record<string, string> = {}, option?: string): string =>
  findConfig({ option, env: { HOME: '/home/me', ...env }, cwd: '/here', exists: (path) => existing.includes(path) });

test('what is named is what is meant, whether it exists or not', () => {
  assert.equal(find(places, { DROAS_CONFIG: '/b.yaml' }, 'a.yaml'), '/here/a.yaml');
  assert.equal(find(places, { DROAS_CONFIG: 'b.yaml' }), '/here/b.yaml');
  assert.equal(find(places, { DROAS_CONFIG: '' }, ''), '/here/droas.yaml');
});

test('otherwise the nearest that exists is taken', () => {
  const env = { XDG_CONFIG_HOME: '/x' };
  assert.equal(find(places, env), '/here/droas.yaml');
  assert.equal(find(places.slice(1), env), '/x/droas/droas.yaml');
  assert.equal(find(places.slice(2), env), '/etc/droas/droas.yaml');
  assert.equal(find(places.slice(1)), '/home/me/.config/droas/droas.yaml');
  assert.equal(find(places.slice(1), { XDG_CONFIG_HOME: 'relative' }), '/home/me/.config/droas/droas.yaml');
});

test('where nothing exists, every place is named', () => {
  const { message } = failure(() => find([]), 'CONFIG_NOT_FOUND');
  for (const place of ['/here/droas.yaml', '/home/me/.config/droas/droas.yaml', '/etc/droas/droas.yaml'])
    assert.ok(message.includes(place));
  assert.doesNotMatch(failure(() => find([], { HOME: '' }), 'CONFIG_NOT_FOUND').message, /config\//);
});
