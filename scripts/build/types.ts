import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Declarations of what the package exports, for packing only: it takes longer than all bundles together. */
export function emitTypes(root: string, into: string): void {
  const config = join(root, `tsconfig.types.${process.pid}.json`);
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: './src',
    outDir: join(into, 'types'),
  };
  const files = ['src/bot/index.ts', 'src/emulator/index.ts'];
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', compilerOptions, files, include: [] }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' });
  } finally {
    rmSync(config);
  }
}
