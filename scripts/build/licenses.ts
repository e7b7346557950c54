import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Package = { readonly name: string; readonly version: string; readonly license: string; readonly text: string };

/** The notices that the licences of the bundled packages ask to keep, from the packages' own files. */
export function thirdPartyLicenses(modules: ReadonlySet<string>): string {
  const directories = new Set([...modules].map(packageDirectory));
  const packages = [...directories].map(readPackage).sort((a, b) => a.name.localeCompare(b.name));
  const sections = packages.map(
    ({ name, version, license, text }) => `${'='.repeat(80)}\n${name} ${version} — ${license}\n\n${text}\n`,
  );
  return `DROAS contains the following packages.\n\n${sections.join('\n')}`;
}

/** The directory of the package that a file belongs to; nested `package.json` files without a version are only markers. */
function packageDirectory(file: string): string {
  let directory = dirname(file);
  for (;;) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version) return directory;
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`${file} was bundled, but belongs to no package`);
    directory = parent;
  }
}

function readPackage(directory: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (typeof license !== 'string')
    throw new Error(`${name} ${version} was bundled, but names no licence in ${directory}`);
  const notices = readdirSync(directory).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const text = notices.map((file) => readFileSync(join(directory, file), 'utf8').trim()).join('\n\n');
  return { name, version, license, text: text || `Licence: ${license}` };
}
