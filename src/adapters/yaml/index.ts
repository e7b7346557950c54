import type { ConfigStore } from '../../ports/config-store.ts';
import { type Context, loadFleet, validateBot } from './load.ts';
import { removeBotFile, writeBotFile } from './write.ts';

export { findConfig } from './find.ts';
export { loadFleet, removeBotFile, validateBot, writeBotFile };

/** The configuration at one path. The environment is read anew at each call. */
export const createConfigStore = (context: Context): ConfigStore => ({
  path: context.configPath,
  load: () => loadFleet(context),
  validate: (name, document) => validateBot(name, document, context),
  write: (name, document) => writeBotFile(context.configPath, name, document),
  remove: (name) => removeBotFile(context.configPath, name),
});
