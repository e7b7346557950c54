import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { faultKinds } from '../../src/emulator/faults/fault.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';

const root = join(import.meta.dirname, '../..');
const directory = join(root, 'src/emulator/page/browser');
const names = readdirSync(directory).filter((name) => /\.(css|html|js|svg)$/.test(name));
const read = (name: string) => readFileSync(join(directory, name), 'utf8');
const scripts = names.filter((name) => name.endsWith('.js'));

describe('the page', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator();
  });
  after(() => emulator.close());
  const get = (path: string) => fetch(new URL(path, emulator.pageUrl));

  it('is served with everything it is made of, each file as what it is', async () => {
    const types: Record<string, string> = {
      html: 'text/html; charset=utf-8',
      css: 'text/css; charset=utf-8',
      js: 'text/javascript; charset=utf-8',
      svg: 'image/svg+xml',
    };
    assert.ok(names.length > 20);
    assert.equal(await (await get('/')).text(), read('index.html'));
    for (const name of names) {
      const response = await get(`/page/${name}`);
      assert.equal(response.headers.get('content-type'), types[name.split('.').pop() ?? ''], name);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(await response.text(), read(name));
    }
  });

  it('lets nothing run, load or send that is not its own', async () => {
    for (const path of ['/', '/page/main.js']) {
      const policy = (await get(path)).headers.get('content-security-policy') ?? '';
      const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
      assert.equal(rules.get('default-src'), "'none'");
      for (const kind of ['script-src', 'style-src', 'img-src', 'connect-src']) assert.equal(rules.get(kind), "'self'");
      for (const kind of ['base-uri', 'form-action', 'frame-ancestors', 'trusted-types'])
        assert.equal(rules.get(kind), "'none'");
      assert.equal(rules.get('require-trusted-types-for'), "'script'");
    }
  });

  it('gives out no other file', async () => {
    for (const name of [
      'tsconfig.json',
      'nothing.js',
      '..%2ffeed.ts',
      '%2e%2e/routes.ts',
      'constructor',
      '__proto__',
      '.',
    ])
      assert.equal((await get(`/page/${name}`)).status, 404, name);
  });

  it('has no inline script, style or handler, and names only files that there are', () => {
    const html = read('index.html');
    assert.doesNotMatch(html, /\son\w+=|\sstyle=|<style|javascript:|<script(?![^>]*\ssrc=)/i);
    const addresses = Array.from(html.matchAll(/\s(?:src|href)="([^"]*)"/g), ([, address = '']) => address);
    for (const address of addresses) {
      if (address.startsWith('#')) assert.ok(html.includes(`id="${address.slice(1)}"`), address);
      else assert.ok(names.includes(address.replace('/page/', '')), address);
    }
    const styles = addresses.filter((address) => address.endsWith('.css')).map((address) => address.slice(6));
    assert.deepEqual(styles.sort(), names.filter((name) => name.endsWith('.css')).sort());
  });

  it('imports each of its scripts, and no other', () => {
    const imported = new Set(['main.js']);
    for (const name of scripts)
      for (const [, from = ''] of read(name)
        .matchAll(/^import .* from '([^']+)';$|^} from '([^']+)';$/gm)
        .map(named)) {
        assert.ok(from.startsWith('./') && scripts.includes(from.slice(2)), `${name} imports ${from}`);
        imported.add(from.slice(2));
      }
    assert.deepEqual([...imported].sort(), [...scripts].sort());
  });

  it('never makes markup or code from a text', () => {
    for (const name of scripts)
      assert.doesNotMatch(
        read(name),
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|createContextualFragment/,
        name,
      );
  });

  it('loads nothing from elsewhere', () => {
    for (const name of names.filter((one) => one.endsWith('.css')))
      assert.doesNotMatch(read(name), /url\(|@import/, name);
    for (const name of scripts)
      assert.doesNotMatch(read(name), /\bimport\(|fetch\(['"`]http|new EventSource\(['"`]http/, name);
  });

  it('has a name for every fault, and for no other', async () => {
    const { faultNames } = await import(pathToFileURL(join(directory, 'fault-names.js')).href);
    const named = Object.values<Record<string, string>>(faultNames).flatMap((group) => Object.keys(group));
    assert.deepEqual(named.sort(), faultKinds.map(({ shape }) => shape.fault.value as string).sort());
  });

  it('is within the built emulator, which looks for no file', async () => {
    const built: typeof import('../../src/emulator/index.ts') = await import(
      pathToFileURL(join(root, 'dist/emulator.js')).href
    );
    await using other = await built.createEmulator();
    for (const name of names) {
      const response = await fetch(new URL(`/page/${name}`, other.pageUrl));
      assert.equal(response.status, 200, name);
      assert.equal(await response.text(), read(name), name);
    }
    const code = globSync('dist/{*.js,chunks/*.js}', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    assert.ok(!code.some((text) => text.includes('readdirSync(directory)') && text.includes('html|css|js|svg')));
  });
});

const named = ([, one, other]: RegExpMatchArray): [string, string | undefined] => ['', one ?? other];
