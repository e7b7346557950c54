import { EmulatorError } from '../errors.ts';
import type { Component } from './component.ts';
import { allComponents, componentType } from './component.ts';
import { checkedSelection } from './component-use.ts';
import type { Modal } from './interaction.ts';
import type { Resolver } from './resolver.ts';

/** By custom id: a text, selected values, or whether a box is ticked. What is left out is left empty. */
export type ModalValues = Readonly<Record<string, string | boolean | readonly string[]>>;

/**
 * The modal's tree as Discord sends it back: only ids and what was filled in.
 * @throws EmulatorError when a value does not fit its field, or a required one is missing
 */
export function filledIn(modal: Modal, values: ModalValues, resolver: Resolver): readonly Component[] {
  const fields = allComponents(modal.components).filter(({ custom_id: id }) => typeof id === 'string');
  const unknown = Object.keys(values).find((id) => !fields.some((field) => field['custom_id'] === id));
  if (unknown !== undefined) throw new EmulatorError(400, `the modal ${modal.custom_id} has no field ${unknown}`);

  const answer = (component: Component): Component => {
    const { type, id, custom_id: customId, components, component: inner } = component;
    if (Array.isArray(components)) return { type, id, components: components.map(answer) };
    if (inner) return { type, id, component: answer(inner as Component) };
    if (typeof customId !== 'string') return { type, id };
    const value = Object.hasOwn(values, customId) ? values[customId] : undefined;
    return { type, id, custom_id: customId, ...answerOf(component, customId, value, resolver) };
  };
  return modal.components.map(answer);
}

function answerOf(
  field: Component,
  customId: string,
  value: string | boolean | readonly string[] | undefined,
  resolver: Resolver,
): { readonly value: unknown } | { readonly values: readonly string[] } {
  const refuse = (takes: string): never => {
    throw new EmulatorError(400, `the field ${customId} takes ${takes}`);
  };
  const isRequired = field['required'] !== false;
  if (field.type === componentType.textInput) {
    const text = value ?? field['value'] ?? '';
    if (typeof text !== 'string') return refuse('a text');
    const least = typeof field['min_length'] === 'number' ? field['min_length'] : isRequired ? 1 : 0;
    const most = typeof field['max_length'] === 'number' ? field['max_length'] : 4000;
    const isLeftOut = text === '' && !isRequired;
    if (!isLeftOut && (text.length < least || text.length > most)) return refuse(`${least} to ${most} characters`);
    return { value: text };
  }
  if (field.type === componentType.checkbox) {
    if (value !== undefined && typeof value !== 'boolean') return refuse('true or false');
    return { value: value ?? false };
  }
  if (field.type === componentType.radioGroup) {
    if (value === undefined && !isRequired) return { value: null };
    const [chosen = ''] = checkedSelection(field, typeof value === 'string' ? [value] : [], resolver);
    return { value: chosen };
  }
  if (value !== undefined && !Array.isArray(value)) return refuse('a list of values');
  const selected: readonly string[] = value ?? [];
  if (selected.length === 0 && !isRequired) return { values: [] };
  if (field.type === componentType.fileUpload) return refuse('a file, which cannot be given here');
  return { values: checkedSelection(field, selected, resolver) };
}
