import { errorCodes } from '../src/core/errors.ts';
import { citationFindings, errorFindings, linkFindings } from './check/documents.ts';
import { layerFindings } from './check/layers.ts';
import { runChecks } from './check/run.ts';
import { traceFindings } from './check/secrets-and-traces.ts';
import { root, tool } from './check/tool.ts';

/** `npm run check`: everything that can be judged without building or running the program. */
await runChecks({
  types: () => tool('tsc', '-p', '.'),
  'types of the page': () => tool('tsc', '-p', 'src/emulator/page/browser'),
  'format, lint, import cycles': () =>
    tool('biome', 'check', '--diagnostic-level=warn', '--error-on-warnings', '--max-diagnostics=200'),
  'promises and switches': () => tool('oxlint', '--type-aware', '--deny-warnings', 'src', 'test', 'scripts', 'bench'),
  layers: () => layerFindings(root),
  'dead code': () => tool('knip', '--no-progress'),
  'links in documents': () => [...linkFindings(root), ...citationFindings(root)],
  'errors explained': () => errorFindings(root, errorCodes),
  'secrets and machine traces': () => traceFindings(root),
});
