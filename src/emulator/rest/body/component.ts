import { z } from 'zod';
import type { Component } from '../../world/component.ts';
import { allComponents, componentType } from '../../world/component.ts';

/** Message flag: the message consists of components alone, and may use those that lay out and show. */
export const componentsV2Flag = 1 << 15;

const customId = z.string().min(1).max(100);
const text = (longest: number) => z.string().max(longest).nullish();
const anyEmoji = z.looseObject({}).nullish();
const between = (least: number, most: number) => ({
  params: { code: 'BASE_TYPE_BAD_LENGTH' },
  message: `Must be between ${least} and ${most} in length.`,
});
const some = <Item extends z.ZodType>(item: Item, most: number, least = 1) =>
  z.array(item).refine((all) => all.length >= least && all.length <= most, between(least, most));
const node = <Type extends number, Fields extends z.ZodRawShape>(type: Type, fields: Fields) =>
  z.looseObject({ type: z.literal(type), id: z.int().min(0).max(2_147_483_647).optional(), ...fields });

const linkStyle = 5;
const premiumStyle = 6;
const button = node(componentType.button, {
  style: z.literal([1, 2, 3, 4, linkStyle, premiumStyle]),
  label: text(80),
  emoji: anyEmoji,
  custom_id: customId.optional(),
  url: z.string().max(512).optional(),
  disabled: z.boolean().optional(),
}).superRefine(({ style, custom_id: id, url }, problems) => {
  const isInteractive = style !== linkStyle && style !== premiumStyle;
  const required = { code: 'custom' as const, params: { code: 'BASE_TYPE_REQUIRED' } };
  if (isInteractive && id === undefined)
    problems.addIssue({ ...required, path: ['custom_id'], message: 'A custom id is required' });
  if (style === linkStyle && url === undefined)
    problems.addIssue({ ...required, path: ['url'], message: 'A url is required' });
  if ((isInteractive && url !== undefined) || (style === linkStyle && id !== undefined))
    problems.addIssue({
      code: 'custom',
      params: { code: 'BUTTON_COMPONENT_CUSTOM_ID_AND_URL_MUTUALLY_EXCLUSIVE' },
      message: 'A custom id and url cannot both be specified',
    });
});

const selectFields = {
  custom_id: customId,
  placeholder: text(150),
  min_values: z.int().min(0).max(25).optional(),
  max_values: z.int().min(1).max(25).optional(),
  disabled: z.boolean().optional(),
};
const choice = z.looseObject({
  label: z.string().min(1).max(100),
  value: z.string().min(1).max(100),
  description: text(100),
  emoji: anyEmoji,
});
const selects = [
  node(componentType.stringSelect, { ...selectFields, options: some(choice, 25) }),
  node(componentType.userSelect, selectFields),
  node(componentType.roleSelect, selectFields),
  node(componentType.mentionableSelect, selectFields),
  node(componentType.channelSelect, selectFields),
] as const;
const textInput = node(componentType.textInput, {
  custom_id: customId,
  style: z.literal([1, 2]),
  min_length: z.int().min(0).max(4000).optional(),
  max_length: z.int().min(1).max(4000).optional(),
  required: z.boolean().optional(),
  value: text(4000),
  placeholder: text(100),
});
const textDisplay = node(componentType.text, { content: z.string().min(1).max(4000) });
const media = z.looseObject({ url: z.string().max(2048) });

const row = node(componentType.row, {
  components: some(z.discriminatedUnion('type', [button, ...selects]), 5).refine(
    (children) => children.length === 1 || children.every(({ type }) => type === componentType.button),
    {
      params: { code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED' },
      message: 'The specified component exceeds the maximum width',
    },
  ),
});
const section = node(componentType.section, {
  components: some(textDisplay, 3),
  accessory: z.discriminatedUnion('type', [button, node(componentType.thumbnail, { media })]),
});
const shown = [
  row,
  section,
  textDisplay,
  node(componentType.gallery, { items: some(z.looseObject({ media }), 10) }),
  node(componentType.file, { file: media }),
  node(componentType.separator, {}),
] as const;
const container = node(componentType.container, { components: some(z.discriminatedUnion('type', shown), 40, 0) });

const checkedChoices = { custom_id: customId, options: some(choice, 10) };
const label = node(componentType.label, {
  label: z.string().min(1).max(45),
  description: text(100),
  component: z.discriminatedUnion('type', [
    textInput,
    ...selects,
    node(componentType.fileUpload, { custom_id: customId }),
    node(componentType.radioGroup, checkedChoices),
    node(componentType.checkboxGroup, checkedChoices),
    node(componentType.checkbox, { custom_id: customId }),
  ]),
});
const inputRow = node(componentType.row, { components: some(textInput, 1) });

const hasUniqueIds = (roots: readonly Component[]): boolean => {
  const ids = allComponents(roots).flatMap(({ custom_id: id }) => (typeof id === 'string' ? [id] : []));
  return new Set(ids).size === ids.length;
};
const duplicated = {
  params: { code: 'COMPONENT_CUSTOM_ID_DUPLICATED' },
  message: 'Component custom id cannot be duplicated',
};

/** Rows of buttons and selects beside a message's text. */
export const rows = z.array(row).max(5).refine(hasUniqueIds, duplicated);

/** A message made of components. */
export const layout = z
  .array(z.discriminatedUnion('type', [...shown, container]))
  .refine((roots) => allComponents(roots).length <= 40, between(1, 40))
  .refine(hasUniqueIds, duplicated);

export const modal = z.looseObject({
  custom_id: customId,
  title: z.string().min(1).max(45),
  components: some(z.discriminatedUnion('type', [inputRow, label, textDisplay]), 5).refine(hasUniqueIds, duplicated),
});
