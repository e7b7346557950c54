import { watch } from 'node:fs';

/**
 * Calls `changed` when something is written at `path`, until the returned function is called. Without inotify (its
 * limits are per user and can be used up) it never calls: whoever needs to know also looks from time to time.
 */
export function notice(path: string, changed: () => void): () => void {
  try {
    const watcher = watch(path, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
