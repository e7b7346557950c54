import type { Droas } from '../bot/index.ts';
import { type AssistantSettings, assistantConfigKey, discordTokenName, llmKeyName } from '../protocol/assistant.ts';

export type Settings = AssistantSettings & { readonly token: string; readonly llmKey: string | null };

/** @throws Error that names what is missing, never a value. */
export function readSettings(droas: Pick<Droas, 'secret'>): Settings {
  const token = droas.secret(discordTokenName);
  if (!token)
    throw new Error(`no Discord token: ${discordTokenName} is neither in the secrets file nor in the environment`);
  const config = droas.secret(assistantConfigKey);
  if (!config)
    throw new Error(`no configuration: ${assistantConfigKey} is neither in the secrets file nor in the environment`);
  return { ...parse(config), token, llmKey: droas.secret(llmKeyName) ?? null };
}

function parse(config: string): AssistantSettings {
  try {
    return JSON.parse(config);
  } catch {
    throw new Error(`${assistantConfigKey} is not JSON`);
  }
}
