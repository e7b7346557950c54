import { codeOf, errorEntry } from '../core/errors.ts';
import { formatDuration } from '../core/units.ts';
import type { OperationView } from '../protocol/api.ts';
import { exitCode as codes } from './exit-code.ts';
import { failureOf } from './failure.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { between } from './times.ts';
import type { WaitOptions } from './waiting.ts';

export type Attempt = { readonly name: string; readonly operation: Promise<OperationView> };

/**
 * Reports operations on several bots in the order of their names on the command line, each as soon as it and those
 * before it are known. Every one is reported; the highest exit code wins.
 */
export async function report(output: Output, attempts: readonly Attempt[], wait: WaitOptions): Promise<number> {
  const items: OperationView[] = [];
  let exitCode: number = codes.done;
  const settled = attempts.map(({ operation }) => operation.catch((error: unknown) => ({ error })));
  for (const [index, { name }] of attempts.entries()) {
    const result = await settled[index];
    if (result === undefined) continue;
    if ('error' in result) {
      output.failure(failureOf(result.error));
      exitCode = Math.max(exitCode, errorEntry(codeOf(result.error)).exit);
      continue;
    }
    items.push(result);
    exitCode = Math.max(exitCode, reportOne(output, name, result, wait));
  }
  output.data({ apiVersion: 'v1', items });
  return exitCode;
}

const past = { start: 'started', stop: 'stopped', restart: 'restarted', delete: 'removed', reset: 'reset' } as const;

function reportOne(output: Output, name: string, operation: OperationView, { wait, timeout }: WaitOptions): number {
  const { kind, outcome, finishedAt } = operation;
  const sentence = operation.sentence === null ? '' : printable(operation.sentence);
  if (outcome === 'done') {
    const took = finishedAt === null ? '' : ` in ${between(operation.acceptedAt, finishedAt)}`;
    const what = operation.changed ? `${past[kind]}${took}` : `already so${sentence === '' ? '' : `: ${sentence}`}`;
    output.line(`${output.mark('done')} ${name} ${what}`);
    return codes.done;
  }
  if (outcome !== null) {
    output.line(`${output.mark('failed')} ${name} not ${past[kind]}: ${sentence || outcome}`);
    output.line(`    ${output.arrow()} droas status ${name}; droas logs ${name} -n 50`);
    return codes.targetFailed;
  }
  if (!wait) {
    output.line(`${output.mark('done')} ${name} ${kind} accepted`);
    return codes.done;
  }
  output.line(
    `${output.mark('warning')} ${name} ${kind} accepted, but not finished within ${formatDuration(timeout)}; it goes on`,
  );
  return codes.notFinished;
}
