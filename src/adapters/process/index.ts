export { createSecretFiles } from './secret-files.ts';
export { inspectMachine } from './shim.ts';
export { createSpawner, type SpawnerOptions } from './spawner.ts';
export { keepCopy } from './version-copy.ts';
export { createWishFile } from './wish-file.ts';
