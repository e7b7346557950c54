import { styleText } from 'node:util';
import type { EventView } from '../protocol/api.ts';
import { check, type Finding } from './check.ts';
import { play } from './play.ts';

const claimWidth = 62;

/** `droas demo`: a fleet on an emulated Discord. With `check` the story is asserted instead of shown; exit code 0 or 1. */
export async function runDemo(options: { check: boolean; json: boolean }): Promise<number> {
  const line = (text: string): void => void process.stdout.write(`${text}\n`);
  if (!options.check) {
    return play({
      line: options.json ? () => {} : line,
      event: (event) => line(options.json ? JSON.stringify(event) : told(event)),
    });
  }
  const report = await check(options.json ? () => {} : (finding) => line(row(finding)));
  const failed = report.findings.filter((finding) => !finding.ok).length;
  if (options.json) line(JSON.stringify({ apiVersion: 'v1', ...report, failed }));
  else line(`\n${report.findings.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

const row = ({ claim, measured, ok }: Finding): string =>
  `${ok ? styleText('green', 'ok  ') : styleText('red', 'FAIL')}  ${claim.padEnd(claimWidth)}  ${measured}`;

const colours = { info: 'reset', warning: 'yellow', error: 'red' } as const;

function told({ at, bot, severity, sentence }: EventView): string {
  return styleText(colours[severity], `${at.slice(11, 19)}  ${(bot ?? '-').padEnd(8)} ${sentence}`);
}
