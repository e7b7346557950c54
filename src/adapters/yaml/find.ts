import { isAbsolute, join, resolve } from 'node:path';
import type { Environment } from '../../core/config/interpolate.ts';
import { DroasError } from '../../core/errors.ts';

export type Search = {
  /** --config */
  readonly option?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly exists: (path: string) => boolean;
};

/**
 * The absolute path of the configuration: --config, else $DROAS_CONFIG, else the first that exists of ./droas.yaml,
 * $XDG_CONFIG_HOME/droas/droas.yaml and /etc/droas/droas.yaml. One that is named is not asked whether it exists: it is
 * the one that is meant.
 * @throws DroasError CONFIG_NOT_FOUND with the places that were looked at
 */
export function findConfig({ option, env, cwd, exists }: Search): string {
  const named = option || env['DROAS_CONFIG'];
  if (named) return resolve(cwd, named);
  const places = [join(cwd, 'droas.yaml'), ...personal(env), '/etc/droas/droas.yaml'];
  const found = places.find(exists);
  if (found !== undefined) return found;
  throw new DroasError('CONFIG_NOT_FOUND', `There is no droas.yaml; looked at ${places.join(', ')}.`, {
    remedy: 'write a droas.yaml here that begins with `version: 1`, or name one with --config',
  });
}

function personal(env: Environment): readonly string[] {
  const { XDG_CONFIG_HOME: xdg, HOME: home } = env;
  // The XDG specification: a relative path is to be ignored.
  if (xdg && isAbsolute(xdg)) return [join(xdg, 'droas', 'droas.yaml')];
  return home ? [join(home, '.config', 'droas', 'droas.yaml')] : [];
}
