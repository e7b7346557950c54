import { parseYaml } from './adapters/yaml/document.ts';
import { FileFault, readTextFile } from './adapters/yaml/text-file.ts';
import type { Emulator, EmulatorWishes } from './cli/wiring.ts';
import { pathText } from './core/config/problem.ts';
import { nearest } from './core/config/suggest.ts';
import { type Detail, DroasError } from './core/errors.ts';
import { checkScript, createEmulator, type FaultScript, type ScriptProblem } from './emulator/index.ts';

/**
 * `droas emulator`: one emulated Discord with one application, and a fault script if there is one.
 * @throws DroasError CONFIG_INVALID with everything that is wrong with the script; USAGE when the address cannot be had
 */
export async function startEmulator({ port, bind, allowRemote, seed, script }: EmulatorWishes): Promise<Emulator> {
  const faults = script === undefined ? null : readScript(script);
  const wanted = seed ?? faults?.script.seed;
  const emulator = await createEmulator({
    port,
    host: bind,
    allowRemote,
    ...(wanted === null ? {} : { seed: wanted }),
  }).catch((error: Error) => {
    throw misused(error);
  });
  const application = emulator.createApplication({ name: 'bot' });
  if (faults !== null) emulator.play(faults.script);
  const { url, gatewayUrl, llmUrl, pageUrl } = emulator;
  const applications = [application];
  const warnings = faults?.warningsWith(application) ?? [];
  return {
    url,
    gatewayUrl,
    llmUrl,
    pageUrl,
    applications,
    warnings,
    seed: emulator.seed,
    close: () => emulator.close(),
  };
}

function misused(error: Error): Error {
  if (error instanceof RangeError)
    return new DroasError(
      'NOT_ALLOWED',
      'The emulator listens on this machine only: whoever reaches it owns its bots.',
      {
        cause: error,
        remedy: 'leave --bind out, or add --allow-remote in a network where you trust everybody',
      },
    );
  const { cause } = error;
  if (!(cause instanceof Error) || !('code' in cause)) return error;
  return new DroasError('USAGE', `The emulator could not start: ${error.message}.`, { cause: error });
}

type ReadScript = {
  readonly script: FaultScript;
  /** Of each target that does not exist, once: an application may still be created while the script runs. */
  warningsWith(application: { readonly id: string; readonly name: string }): readonly string[];
};

function readScript(path: string): ReadScript {
  const { value, faults, locate } = parseYaml(textOf(path));
  if (faults.length > 0)
    throw invalid(
      path,
      faults.map(({ line, column, what }) => ({ where: `${path}:${line}:${column}`, what })),
    );
  const { script, problems } = checkScript(value, { gatewayNodes: 1 });
  if (script !== null) {
    const targets = script.steps.map(({ fault }) => fault.target);
    return {
      script,
      warningsWith({ id, name }) {
        const unknown = new Set(targets).difference(new Set(['*', 'llm', id, name]));
        return [...unknown].map((target) => {
          const step = targets.indexOf(target);
          const { line, column } = locate(['steps', step, 'target'], 'value');
          const what = `there is no application ${JSON.stringify(target)} yet: until one is created, nothing is hit`;
          return `${path}:${line}:${column} steps[${step}].target: ${what}`;
        });
      },
    };
  }
  const placed = problems.map((problem) => ({ problem, ...locate(problem.path, problem.at) }));
  const details = placed
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
    .map(({ problem, line, column }) => ({
      where: `${path}:${line}:${column} ${pathText(problem.path)}`.trimEnd(),
      what: sentence(problem),
    }));
  throw invalid(path, details);
}

function sentence({ what, unknown }: ScriptProblem): string {
  if (unknown === undefined) return what;
  const meant = nearest(unknown.word, unknown.known);
  return `${what}: ${meant === null ? `expected one of ${unknown.known.join(', ')}` : `did you mean "${meant}"?`}`;
}

function textOf(path: string): string {
  try {
    return readTextFile(path).text;
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw invalid(path, [{ where: path, what: error.message }]);
  }
}

/** More than anyone reads at once. */
const mostDetails = 100;

function invalid(path: string, details: readonly Detail[]): DroasError {
  const count = details.length === 1 ? 'an error' : `${details.length} errors`;
  return new DroasError('CONFIG_INVALID', `The fault script ${path} has ${count}; nothing was started.`, {
    details: details.slice(0, mostDetails),
    remedy: 'correct what is named, then try again',
  });
}
