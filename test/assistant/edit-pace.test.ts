import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EditPace } from '../../src/assistant/edit-pace.ts';

const url = (channel: number | string, rest = '/messages/7') =>
  `https://discord.com/api/v10/channels/${channel}${rest}`;
const limits = (remaining: number | string, resetAfter: number | string = 3.5) =>
  new Headers({ 'x-ratelimit-remaining': String(remaining), 'x-ratelimit-reset-after': String(resetAfter) });

describe('the pace of edits', () => {
  it('keeps the last edit of a window back', () => {
    const clock = { nowMs: 1_000 };
    const pace = new EditPace(() => clock.nowMs);
    pace.heard('PATCH', url(1), limits(2));
    assert.equal(pace.restMs('1'), 0);
    pace.heard('PATCH', url(1), limits(1));
    assert.equal(pace.restMs('1'), 3_500);
    assert.equal(pace.restMs('2'), 0, 'each channel has its own');
    clock.nowMs += 3_400;
    assert.equal(pace.restMs('1'), 100);
    clock.nowMs += 5_000;
    assert.equal(pace.restMs('1'), 0);
  });

  it('follows the newest word', () => {
    const pace = new EditPace(() => 0);
    pace.heard('PATCH', url(1), limits(0, 9));
    pace.heard('PATCH', url(1), limits(4));
    assert.equal(pace.restMs('1'), 0);
  });

  it('learns from edits of messages only, and nothing from nonsense', () => {
    const pace = new EditPace(() => 0);
    pace.heard('POST', url(1), limits(0));
    pace.heard('PATCH', url(1, ''), limits(0));
    pace.heard('PATCH', url('x'), limits(0));
    pace.heard('PATCH', url(1), new Headers());
    pace.heard('PATCH', url(1), limits(0, 'soon'));
    pace.heard('PATCH', url(1), limits(0, -1));
    assert.equal(pace.restMs('1'), 0);
  });

  it('is known of a thousand channels', () => {
    const pace = new EditPace(() => 0);
    for (let channel = 0; channel <= 1_000; channel++) pace.heard('PATCH', url(channel), limits(0));
    assert.deepEqual([pace.restMs('0'), pace.restMs('1'), pace.restMs('1000')], [0, 3_500, 3_500]);
  });
});
