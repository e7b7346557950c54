import assert from 'node:assert/strict';
import { it } from 'node:test';
import { errorFacts } from '../../src/assistant/log.ts';

it('an error is logged by class and codes, never by its message', () => {
  const error = Object.assign(
    new TypeError('Incorrect key: abc', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
    { status: 401, kind: 'refused' },
  );
  const facts = { error: 'TypeError', kind: 'refused', status: 401, code: 'ECONNREFUSED' };
  assert.deepEqual(errorFacts(error), facts);
  assert.deepEqual(errorFacts(Object.assign(error, { code: 50_001 })), { ...facts, code: 50_001 });
  assert.deepEqual(errorFacts(Object.assign(error, { code: 'said: my diagnosis' })), facts);
  assert.deepEqual(errorFacts(new Error('secret')), { error: 'Error' });
  assert.deepEqual(errorFacts('secret'), { error: 'string' });
});
