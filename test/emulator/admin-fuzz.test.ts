import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { faultKinds } from '../../src/emulator/faults/fault.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl } from './call.ts';
import { RawClient } from './raw-client.ts';

describe('garbage at the admin interface', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1, seed: 1 });
  });
  after(() => emulator.close());

  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('*', 'llm', 'hello', 'serving', 'all', 1, 10, 1_000, -1));
  const fields = [...new Set(faultKinds.flatMap(({ shape }) => Object.keys(shape)))];
  const fault = fc
    .tuple(
      fc.constantFrom(...faultKinds.map(({ shape }) => shape.fault.value)),
      fc.dictionary(fc.constantFrom(...fields, 'other'), value, { maxKeys: 4 }),
    )
    .map(([name, more]) => ({ ...more, fault: name }));
  const body = fc.oneof(
    fault.map((one) => JSON.stringify(one)),
    fc.jsonValue().map((one) => JSON.stringify(one)),
    fc
      .record({ applicationId: fc.constantFrom('1', '*'), total: value, perSecond: value })
      .map((one) => JSON.stringify(one)),
    fc.string(),
  );

  it('is answered with 400 or 404 and what is wrong, never with 5xx', async () => {
    const places = [
      ['POST', 'faults'],
      ['POST', 'count'],
      ['DELETE', 'faults/'],
      ['GET', 'faults/kinds?'],
      ['GET', 'ledger?type='],
      ['GET', 'ledger?after='],
      ['GET', 'ledger/export?type='],
      ['GET', 'ledger/owners?applicationId=1&shard='],
      ['GET', 'ledger/effects?applicationId='],
      ['GET', 'ledger/effects?x='],
    ] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), body, async ([method, place], text) => {
        const isPost = method === 'POST';
        const response = await fetch(`${adminUrl(emulator)}/${place}${isPost ? '' : encodeURIComponent(text)}`, {
          method,
          ...(isPost ? { headers: { 'content-type': 'application/json' }, body: text } : {}),
        });
        const answer = await response.text();
        assert.ok(
          [200, 400, 404, 413, 414].includes(response.status),
          `${method} ${place} ${text}: ${response.status}`,
        );
        if (response.status !== 200) assert.equal(typeof JSON.parse(answer).error, 'string', answer);
      }),
      { numRuns: 400 },
    );
    emulator.faults.clearAll();
    const client = new RawClient(emulator);
    await client.login(emulator.createApplication().token);
    client.socket.terminate();
  });
});
