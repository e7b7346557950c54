/** What the emulator reads of a command or an option; unknown fields are kept and given back. */
export const commandType = { slash: 1, user: 2, message: 3 } as const;

export const optionType = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

export type Choice = { readonly name: string; readonly value: string | number };

export type CommandOption = {
  readonly type: number;
  readonly name: string;
  readonly required?: boolean | null | undefined;
  readonly options?: readonly CommandOption[] | null | undefined;
  readonly choices?: readonly Choice[] | null | undefined;
  readonly autocomplete?: boolean | null | undefined;
  readonly min_value?: number | null | undefined;
  readonly max_value?: number | null | undefined;
  readonly min_length?: number | null | undefined;
  readonly max_length?: number | null | undefined;
  readonly channel_types?: readonly number[] | null | undefined;
};

export type Command = {
  readonly id: string;
  readonly version: string;
  readonly guildId: string | null;
  readonly type: number;
  readonly name: string;
  readonly options?: readonly CommandOption[] | undefined;
  readonly [field: string]: unknown;
};
