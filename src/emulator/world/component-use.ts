import { EmulatorError } from '../errors.ts';
import type { Component } from './component.ts';
import { allComponents, componentType } from './component.ts';
import type { Resolver } from './resolver.ts';

const selects: readonly number[] = [
  componentType.stringSelect,
  componentType.userSelect,
  componentType.roleSelect,
  componentType.mentionableSelect,
  componentType.channelSelect,
];
/** Select menus hold what options of a command hold: 5 → user (6), 6 → role (8), 7 → mentionable (9), 8 → channel (7). */
const entityTypes: Readonly<Record<number, number>> = {
  [componentType.userSelect]: 6,
  [componentType.roleSelect]: 8,
  [componentType.mentionableSelect]: 9,
  [componentType.channelSelect]: 7,
};

export const isSelect = ({ type }: Component): boolean => selects.includes(type);

export const componentOf = (roots: readonly unknown[], customId: string): Component | undefined =>
  allComponents(roots).find((component) => component['custom_id'] === customId);

type OptionLike = { readonly value?: unknown };
const valuesOffered = ({ options }: Component): readonly unknown[] =>
  Array.isArray(options) ? options.map((option: OptionLike) => option.value) : [];

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** @throws EmulatorError when too few, too many or others were selected than the menu offers */
export function checkedSelection(menu: Component, values: readonly string[], resolver: Resolver): readonly string[] {
  const name = String(menu['custom_id']);
  const [least, most] = [numberOf(menu['min_values'], 1), numberOf(menu['max_values'], 1)];
  if (values.length < least || values.length > most)
    throw new EmulatorError(400, `the menu ${name} takes ${least} to ${most} values, not ${values.length}`);
  const entityType = entityTypes[menu.type];
  const channelTypes = Array.isArray(menu['channel_types']) ? menu['channel_types'] : [];
  for (const value of values) {
    const isOffered =
      entityType === undefined
        ? valuesOffered(menu).includes(value)
        : resolver.entity(entityType, value, channelTypes) !== null;
    if (!isOffered) throw new EmulatorError(400, `the menu ${name} does not offer ${value}`);
  }
  return values;
}
