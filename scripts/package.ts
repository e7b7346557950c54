import { runChecks } from './check/run.ts';
import { script, tool } from './check/tool.ts';

/** Whether what would be published can be imported by others: built with its types, packed, and read back. */
await runChecks({
  build: () => script('scripts/build.ts', '--quiet', '--types'),
  manifest: () => tool('publint', '--strict'),
  'types of every entry point': () => tool('attw', '--pack', '.', '--profile', 'esm-only', '--no-emoji'),
});
