'use strict';
/**
 * Starts the built-in bot from V8's code cache: a third less start-up time, and less memory, than from source. Node's own
 * compile cache needs write access, which the permission model denies. A cache of another Node or V8 is rejected by V8,
 * which then compiles the source: slower, not wrong.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script, constants } = require('node:vm');

const filename = join(__dirname, 'assistant.cjs');
const wrapped = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
const script = new Script(wrapped, {
  filename,
  cachedData: read(join(__dirname, 'assistant.cache')),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
module.exports = script;
script.runInThisContext()({}, require, module, filename, __dirname);

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
