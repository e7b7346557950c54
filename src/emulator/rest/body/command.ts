import { z } from 'zod';
import { commandType, optionType } from '../../world/command.ts';

/** What an application may register: https://docs.discord.com/developers/interactions/application-commands */

const isCommandName = (name: string): boolean =>
  /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u.test(name) && name === name.toLowerCase();
const invalidName = { params: { code: 'APPLICATION_COMMAND_INVALID_NAME' }, message: 'Command name is invalid' };
const localizations = z.record(z.string(), z.string()).nullish();
const words = {
  name: z.string().min(1).max(32).refine(isCommandName, invalidName),
  name_localizations: localizations,
  description: z.string().min(1).max(100),
  description_localizations: localizations,
};

const branchTypes: readonly number[] = [optionType.subcommand, optionType.group];
const valueTypes = Object.values(optionType).filter((type) => !branchTypes.includes(type));
const choice = z.looseObject({
  name: z.string().min(1).max(100),
  value: z.union([z.string().max(100), z.number()]),
});
const value = z
  .looseObject({
    ...words,
    type: z.literal(valueTypes),
    required: z.boolean().nullish(),
    choices: z.array(choice).max(25).nullish(),
    autocomplete: z.boolean().nullish(),
    min_value: z.number().nullish(),
    max_value: z.number().nullish(),
    min_length: z.int().min(0).max(6000).nullish(),
    max_length: z.int().min(1).max(6000).nullish(),
    channel_types: z.array(z.int()).nullish(),
  })
  .refine(({ choices, autocomplete }) => !autocomplete || !choices?.length, {
    path: ['autocomplete'],
    params: { code: 'APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE' },
    message: 'Choices and autocomplete are mutually exclusive',
  })
  .superRefine(({ type, choices }, problems) => {
    for (const [index, { value: chosen }] of (choices ?? []).entries())
      if ((typeof chosen === 'string') !== (type === optionType.string))
        problems.addIssue({
          code: 'custom',
          path: ['choices', index, 'value'],
          params: { code: 'APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID' },
          message: `Value is not of the option's type`,
        });
  });

type Named = { readonly name: string };
const uniqueNames = (options: readonly Named[]): boolean =>
  new Set(options.map(({ name }) => name)).size === options.length;
const notUnique = {
  params: { code: 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID' },
  message: 'Option names must be unique',
};
const isRequiredFirst = (options: readonly { readonly [field: string]: unknown }[]): boolean =>
  options.every(({ required }, index) => !required || index === 0 || options[index - 1]?.['required'] === true);
const requiredLate = {
  params: { code: 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID' },
  message: 'Required options must be placed before non-required options',
};

const values = z.array(value).max(25).refine(uniqueNames, notUnique).refine(isRequiredFirst, requiredLate);
const subcommand = z.looseObject({ ...words, type: z.literal(optionType.subcommand), options: values.nullish() });
const subcommands = z.array(subcommand).max(25).refine(uniqueNames, notUnique);
const group = z.looseObject({ ...words, type: z.literal(optionType.group), options: subcommands.nullish() });
const options = z
  .array(z.discriminatedUnion('type', [subcommand, group, value]))
  .max(25)
  .refine(uniqueNames, notUnique)
  .refine(isRequiredFirst, requiredLate)
  .refine((all) => new Set(all.map(({ type }) => branchTypes.includes(type))).size < 2, {
    params: { code: 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID' },
    message: 'Sub-command and sub-command group option types are mutually exclusive to other option types',
  });

const common = {
  name_localizations: localizations,
  description_localizations: localizations,
  default_member_permissions: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullish(),
  dm_permission: z.boolean().nullish(),
  nsfw: z.boolean().nullish(),
  contexts: z.array(z.int().min(0).max(2)).nullish(),
  integration_types: z.array(z.int().min(0).max(1)).nullish(),
};
const slash = z.looseObject({
  ...common,
  ...words,
  type: z.literal(commandType.slash),
  options: options.optional(),
});
const menu = z.looseObject({
  ...common,
  type: z.literal([commandType.user, commandType.message]),
  name: z.string().trim().min(1).max(32),
  description: z.literal('').nullish(),
});

export const command = z.preprocess(
  (given) => (typeof given === 'object' && given !== null && !('type' in given) ? { ...given, type: 1 } : given),
  z.discriminatedUnion('type', [slash, menu]),
);
export const commands = z.array(command).max(130);
export type CommandFields = z.infer<typeof command>;

/** How many of a type one scope may hold. */
export const mostCommands: Readonly<Record<number, number>> = {
  [commandType.slash]: 100,
  [commandType.user]: 15,
  [commandType.message]: 15,
};
