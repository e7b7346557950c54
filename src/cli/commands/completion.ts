import tab, { script as completionScript } from '@bomb.sh/tab';
import type { Command } from 'commander';
import { DroasError } from '../../core/errors.ts';
import type { BotView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'];

export async function script(shell: string): Promise<number> {
  if (!shells.includes(shell))
    throw new DroasError('USAGE', `Completion is made for ${shells.join(', ')}, not for '${shell}'.`);
  completionScript(shell, 'droas', 'droas');
  return exitCode.done;
}

/** Answers the shell: what may follow the words typed so far. Knows the bots when the supervisor answers. */
export async function complete({ client }: Context, program: Command, words: readonly string[]): Promise<number> {
  const bots = await client.get<{ items: BotView[] }>('/api/v1/bots').then(
    ({ items }) => items,
    () => [],
  );
  for (const command of program.createHelp().visibleCommands(program)) describe(command, '', bots);
  tab.parse([...words]);
  return exitCode.done;
}

function describe(command: Command, parent: string, bots: readonly BotView[]): void {
  const name = `${parent}${command.name()}`;
  const described = tab.command(name, command.description());
  for (const { long, description, argChoices } of command.options) {
    if (long == null) continue;
    described.option(long.slice(2), description, (complete) =>
      argChoices?.forEach((choice) => {
        complete(choice, '');
      }),
    );
  }
  for (const argument of command.registeredArguments) {
    const names = /^bots?$/.test(argument.name()) ? bots : [];
    described.argument(
      argument.name(),
      (complete) =>
        names.forEach(({ name, state }) => {
          complete(name, state);
        }),
      argument.variadic,
    );
  }
  for (const child of command.commands) describe(child, `${name} `, bots);
}
