import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { files } from '../../src/emulator/page/files.ts';

/**
 * Four programs:
 * - `main.js` and `emulator.js` share chunks; whatever the sources import lazily stays a chunk of its own;
 * - `bot.js` is what other people's bots import: alone, and for Node 18 too;
 * - `assistant.cjs` is one CommonJS file, because only that can be run from a code cache under the permission model.
 *
 * Returns the files of `node_modules` that ended up in them.
 */
export async function bundleAll(root: string, into: string): Promise<ReadonlySet<string>> {
  const source = (name: string) => join(root, 'src', name);
  const npm = (name: string) => join(root, 'node_modules', name);
  const modules = await Promise.all([
    bundle(
      { input: { main: source('main.ts'), emulator: source('emulator/index.ts') }, plugins: [embeddedPage] },
      { dir: into, format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' },
    ),
    bundle(
      { input: source('bot/index.ts'), transform: { target: 'node18' } },
      { file: join(into, 'bot.js'), format: 'esm', codeSplitting: false },
    ),
    bundle(
      {
        input: source('assistant/main.ts'),
        // The variant of the same package that uses Node's own fetch: undici a second time would cost 5 MB per bot.
        resolve: { alias: { '@discordjs/rest': npm('@discordjs/rest/dist/web.mjs') } },
      },
      {
        file: join(into, 'assistant.cjs'),
        format: 'cjs',
        codeSplitting: false,
        comments: false,
        minify: true,
        keepNames: true,
      },
    ),
  ]);
  copyFileSync(join(import.meta.dirname, 'assistant-run.cjs'), join(into, 'assistant-run.cjs'));
  return new Set(modules.flat());
}

/** The files of the emulator's page become part of the module that reads them in the sources. */
const embeddedPage: Plugin = {
  name: 'embedded-page',
  load: {
    filter: { id: /\/emulator\/page\/files\.ts$/ },
    handler: () => `export const files = ${JSON.stringify(files)};`,
  },
};

async function bundle(input: InputOptions, output: OutputOptions): Promise<string[]> {
  const build = await rolldown({
    platform: 'node',
    transform: { target: 'node24' },
    // Optional accelerators that nobody has installed.
    external: ['bufferutil', 'utf-8-validate', 'zlib-sync'],
    logLevel: 'warn',
    ...input,
  });
  try {
    const { output: chunks } = await build.write(output);
    return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])).filter(isFromNpm);
  } finally {
    await build.close();
  }
}

const isFromNpm = (id: string): boolean => id.includes('/node_modules/');
