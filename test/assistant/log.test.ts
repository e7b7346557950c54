import assert from 'node:assert/strict';
import { it } from 'node:test';
import { errorFacts } from '../../src/assistant/log.ts';

it('an error is logged by class and codes, never by its message', () => {
  const error = Object.assign(
    new TypeError('Incorrect key: abc', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
    {
      status: 401,
      code: 50_001,
    },
  );
  assert.deepEqual(errorFacts(error), { error: 'TypeError', status: 401, code: 50_001, cause: 'ECONNREFUSED' });
  assert.deepEqual(errorFacts(new Error('secret')), { error: 'Error' });
  assert.deepEqual(errorFacts('secret'), { error: 'string' });
});
