import { get } from './api.js';

/**
 * @import { Chat } from './chat.js'
 * @typedef {{
 *   type: number, name: string, description?: string, required?: boolean, autocomplete?: boolean, options?: Option[],
 *   choices?: { name: string, value: string | number }[], min_value?: number, max_value?: number,
 *   min_length?: number, max_length?: number, channel_types?: number[],
 * }} Option
 * @typedef {{ applicationId: string, application: string, path: string, description: string, options: Option[] }} Command
 * One that people can send: with subcommands, each of them is one, with the `path` that leads to it.
 */

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
};

/** The slash commands of all bots in the channel shown. @param {Chat} chat @returns {Promise<Command[]>} */
export async function commandsHere({ channel }) {
  const known = channel ? await get(`channels/${channel.id}/commands`) : [];
  return known.flatMap((/** @type {any} */ command) =>
    leaves(command, { applicationId: command.applicationId, application: command.application }, ''),
  );
}

/** @param {Option} branch @param {{ applicationId: string, application: string }} owner @param {string} before @returns {Command[]} */
function leaves(branch, owner, before) {
  const path = `${before}${branch.name}`;
  const options = branch.options ?? [];
  const branches = options.filter(({ type }) => type === optionType.subcommand || type === optionType.group);
  if (branches.length > 0) return branches.flatMap((one) => leaves(one, owner, `${path} `));
  return [{ ...owner, path, description: branch.description ?? '', options }];
}
