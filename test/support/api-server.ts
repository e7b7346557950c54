import { join } from 'node:path';
import { type Api, createApi } from '../../src/api/server.ts';
import type { StreamLimits } from '../../src/api/sse.ts';
import type { FakeFleet } from './fake-fleet.ts';
import { scratchDirectory } from './scratch-directory.ts';

type Scope = { after(fn: () => void | Promise<void>): void };

/** The API of a fleet on a Unix socket of its own, closed after the test. */
export async function serveFleet(
  scope: Scope,
  fleet: FakeFleet,
  limits?: StreamLimits,
): Promise<{ api: Api; socketPath: string }> {
  const socketPath = join(scratchDirectory(scope), 'droas.sock');
  const api = createApi({ fleet, ...(limits === undefined ? {} : { limits }) });
  await api.listen(socketPath);
  scope.after(() => api.close());
  return { api, socketPath };
}
