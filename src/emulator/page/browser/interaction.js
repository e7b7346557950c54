import { post } from './api.js';
import { openModal } from './modal.js';
import { attempt, notice } from './notices.js';

/** @import { Chat } from './chat.js' */

/**
 * Uses a command or a component, waits for the bot's first response, and shows what is not a message: a modal, or that
 * nothing came.
 * @param {Chat} chat @param {() => Promise<any>} use
 */
export async function answerOf(chat, use) {
  const answer = await attempt(use);
  if (!answer) return;
  const { id, response } = answer;
  if (response?.kind === 'none') notice('The application did not respond.');
  if (response?.kind === 'modal')
    openModal(
      chat,
      response.modal,
      (values) => void answerOf(chat, () => post('modals', { interactionId: id, values, wait: true })),
    );
}
