'use strict';
/** Runs the built-in bot of a directory until told to write its code cache. */
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const directory = process.argv[2];
const script = require(join(directory, 'assistant-run.cjs'));
process.once('message', () => {
  writeFileSync(join(directory, 'assistant.cache'), script.createCachedData());
  process.exit(0);
});
