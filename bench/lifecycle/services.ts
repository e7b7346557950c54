import { Fleet } from '../support/fleet.ts';
import type { Ground } from '../support/ground.ts';

/** The smallest program there is to supervise: what is measured is the supervisor. */
export const serviceProgram = 'sleep';
export const serviceNames = Array.from({ length: 10 }, (_, n) => `service-${n}`);

/** Services are no Discord bots, so no IDENTIFY delays them; every policy is as shipped. */
export const serviceDocument = (autostart: boolean) => ({
  bots: Object.fromEntries(
    serviceNames.map((name) => [name, { kind: 'service', command: [serviceProgram, '1000'], autostart }]),
  ),
});

export const startServices = (ground: Ground): Promise<Fleet> =>
  Fleet.start(ground, 'services', serviceDocument(false));
