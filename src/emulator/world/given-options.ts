import { EmulatorError } from '../errors.ts';
import type { NewFile } from './attachments.ts';
import type { Command, CommandOption } from './command.ts';
import { optionType } from './command.ts';
import type { GivenOption } from './interaction.ts';
import type { Resolver } from './resolver.ts';

/** What a person gives for an option: ids for users, channels and roles, a file for an attachment. */
export type GivenValue = string | number | boolean | NewFile;
export type GivenValues = Readonly<Record<string, GivenValue>>;

type Branch = { readonly type: number; readonly name: string };

/** The subcommand that `path` leads to: the branches passed, and the options at the end. @throws EmulatorError */
export function branchAt(
  command: Command,
  path: readonly string[],
): { readonly branches: readonly Branch[]; readonly known: readonly CommandOption[] } {
  const branches: Branch[] = [];
  let known: readonly CommandOption[] = command.options ?? [];
  for (const name of path) {
    const branch = known.find((option) => option.name === name && isBranch(option));
    if (!branch) throw new EmulatorError(404, `${nameAt(command, branches)} has no subcommand ${name}`);
    branches.push(branch);
    known = branch.options ?? [];
  }
  const names = known.filter(isBranch).map(({ name }) => name);
  if (names.length > 0)
    throw new EmulatorError(400, `${nameAt(command, branches)} needs a subcommand: ${names.join(', ')}`);
  return { branches, known };
}

export const isBranch = ({ type }: CommandOption): boolean =>
  type === optionType.subcommand || type === optionType.group;

const nameAt = ({ name }: Command, branches: readonly Branch[]): string =>
  `/${[name, ...branches.map((branch) => branch.name)].join(' ')}`;

/** The values in the order in which they were given, inside the branches that lead to them. */
export const nested = (branches: readonly Branch[], values: readonly GivenOption[]): readonly GivenOption[] =>
  branches.reduceRight<readonly GivenOption[]>((options, { type, name }) => [{ type, name, options }], values);

/** @throws EmulatorError when one is unknown, missing or not what the option takes */
export function checkedValues(
  commandName: string,
  known: readonly CommandOption[],
  given: GivenValues,
  resolver: Resolver,
): readonly GivenOption[] {
  const missing = known.find((option) => option.required && !Object.hasOwn(given, option.name));
  if (missing) throw new EmulatorError(400, `/${commandName} needs the option ${missing.name}`);
  return Object.entries(given).map(([name, value]) => {
    const option = known.find((one) => one.name === name);
    if (!option) throw new EmulatorError(400, `/${commandName} has no option ${name}`);
    const { type } = option;
    return { name, type, value: checkedValue(`the option ${name} of /${commandName}`, option, value, resolver) };
  });
}

function checkedValue(
  place: string,
  option: CommandOption,
  value: GivenValue,
  resolver: Resolver,
): string | number | boolean {
  const refuse = (takes: string): never => {
    throw new EmulatorError(400, `${place} takes ${takes}`);
  };
  if (typeof value === 'object') {
    if (option.type !== optionType.attachment) return refuse('no file');
    return resolver.attach(value);
  }
  switch (option.type) {
    case optionType.string: {
      if (typeof value !== 'string') return refuse('a text');
      const [least, most] = [option.min_length ?? 0, option.max_length ?? 6000];
      if (value.length < least || value.length > most) return refuse(`${least} to ${most} characters`);
      break;
    }
    case optionType.integer:
    case optionType.number: {
      if (typeof value !== 'number' || (option.type === optionType.integer && !Number.isSafeInteger(value)))
        return refuse(option.type === optionType.integer ? 'a whole number' : 'a number');
      const { min_value: least, max_value: most } = option;
      if (value < (least ?? -Infinity) || value > (most ?? Infinity))
        return refuse(`a number from ${least ?? '-∞'} to ${most ?? '∞'}`);
      break;
    }
    case optionType.boolean:
      if (typeof value !== 'boolean') return refuse('true or false');
      break;
    case optionType.attachment:
      return refuse('a file');
    default:
      return (
        resolver.entity(option.type, value, option.channel_types ?? []) ??
        refuse(`the id of a known ${kinds[option.type]}`)
      );
  }
  const { choices } = option;
  if (choices?.length && !choices.some((choice) => choice.value === value))
    return refuse(`one of ${choices.map((choice) => choice.value).join(', ')}`);
  return value;
}

const kinds: Readonly<Record<number, string>> = {
  [optionType.user]: 'user',
  [optionType.channel]: 'channel',
  [optionType.role]: 'role',
  [optionType.mentionable]: 'user or role',
};

/** As typed so far: Discord checks nothing while a person still writes. @throws EmulatorError when one is unknown */
export function valuesSoFar(
  commandName: string,
  known: readonly CommandOption[],
  given: GivenValues,
  focused: string,
): readonly GivenOption[] {
  const option = known.find(({ name }) => name === focused);
  if (!option?.autocomplete) throw new EmulatorError(400, `/${commandName} completes no option ${focused}`);
  const values = { [focused]: '', ...given };
  return Object.entries(values).flatMap(([name, value]) => {
    const type = known.find((one) => one.name === name)?.type;
    if (type === undefined) throw new EmulatorError(400, `/${commandName} has no option ${name}`);
    if (typeof value === 'object') return [];
    return [{ name, type, value, ...(name === focused ? { focused: true as const } : {}) }];
  });
}
