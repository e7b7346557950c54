import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Emulator } from '../emulator.ts';
import { EmulatorError } from '../errors.ts';
import type { FaultSpec } from '../faults/fault.ts';
import { faultSchema } from '../faults/fault.ts';
import type { ActiveFault } from '../faults/faults.ts';

/** What goes wrong, on demand. */
export function faultRoutes(admin: FastifyInstance, { faults }: Emulator): void {
  admin.get('/faults/kinds', () => z.toJSONSchema(faultSchema, { io: 'input' }));
  admin.get('/faults', () => faults.list().map(viewOfFault));
  admin.post('/faults', (request) => {
    if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body))
      throw new EmulatorError(400, 'expected a fault such as {"fault":"drop","target":"*"}');
    return faults.set(request.body as FaultSpec);
  });
  admin.delete('/faults', () => ({ cleared: faults.clearAll() }));
  admin.delete('/faults/:id', (request: FastifyRequest<{ Params: { id: string } }>) => {
    faults.clear(Number(request.params.id));
    return { cleared: 1 };
  });
}

/** An API key is a secret, even here. */
const viewOfFault = (fault: ActiveFault) =>
  'key' in fault && fault.key !== undefined ? { ...fault, key: '…' } : fault;
