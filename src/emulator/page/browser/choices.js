import { componentType } from './components.js';

/**
 * @import { Chat } from './chat.js'
 * @import { Choice, Component } from './components.js'
 */

/** @param {readonly { id: string, name: string }[]} list @param {string} sign @returns {Choice[]} */
const toChoices = (list, sign = '') => list.map(({ id, name }) => ({ value: id, label: `${sign}${name}` }));

/** @param {Chat} chat @param {readonly number[] | null | undefined} types @returns {Choice[]} */
export function channelChoices(chat, types) {
  const here = [...chat.channels.values()].filter(
    ({ guildId }) => guildId !== null && guildId === chat.channel?.guildId,
  );
  return toChoices(
    here.filter(({ type }) => !types?.length || types.includes(type)),
    '#',
  );
}
/** @param {Chat} chat */
export const userChoices = (chat) => toChoices(chat.members, '@');
/** @param {Chat} chat */
export const roleChoices = (chat) => toChoices(chat.roles, '@');

/** What a select menu, a radio group or a group of boxes offers in the channel shown. @param {Component} component @param {Chat} chat @returns {Choice[]} */
export function choicesOf(component, chat) {
  switch (component.type) {
    case componentType.userSelect:
      return userChoices(chat);
    case componentType.roleSelect:
      return roleChoices(chat);
    case componentType.mentionableSelect:
      return [...userChoices(chat), ...roleChoices(chat)];
    case componentType.channelSelect:
      return channelChoices(chat, component['channel_types']);
    default: {
      const options = Array.isArray(component['options']) ? component['options'] : [];
      return options.map((option) => ({
        value: String(option?.value),
        label: String(option?.label),
        description: option?.description,
        isDefault: option?.default === true,
      }));
    }
  }
}
