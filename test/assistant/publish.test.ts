import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publish } from '../../src/assistant/publish.ts';

/** A page that remembers what stood on it after every change, and can make the writer wait. */
function pageThatRemembers() {
  const messages: string[] = [];
  const changes: string[] = [];
  let overlapping = 0;
  const change = async (what: string) => {
    changes.push(what);
    overlapping++;
    await new Promise(setImmediate);
    assert.equal(overlapping--, 1, 'changes never overlap');
  };
  return {
    messages,
    changes,
    restMs: () => 0,
    async create(content: string, index: number) {
      await change(`create ${index}`);
      messages[index] = content;
      return String(index);
    },
    async edit(id: string, content: string) {
      await change(`edit ${id}`);
      messages[Number(id)] = content;
    },
  };
}

async function* parts(...texts: readonly (string | Promise<void>)[]) {
  for (const text of texts) {
    if (typeof text === 'string') yield text;
    else await text;
  }
}

const never = 1_000_000;

describe('an answer that grows', () => {
  it('is posted once when it is complete before anybody could read', async () => {
    const page = pageThatRemembers();
    const text = await publish(parts('Hello ', 'you'), page, { firstAfterMs: never, everyMs: never });
    assert.equal(text, 'Hello you');
    assert.deepEqual(page.changes, ['create 0']);
    assert.deepEqual(page.messages, ['Hello you']);
  });

  it('appears with its first sentence, and is edited when it is complete', async () => {
    const page = pageThatRemembers();
    const gate = Promise.withResolvers<void>();
    const create = page.create;
    page.create = async (content, index) => {
      assert.equal(content, 'One sentence. And');
      gate.resolve();
      return create(content, index);
    };
    await publish(parts('One ', 'sentence. ', 'And', gate.promise, ' more'), page, {
      firstAfterMs: never,
      everyMs: never,
    });
    assert.deepEqual(page.changes, ['create 0', 'edit 0']);
    assert.deepEqual(page.messages, ['One sentence. And more']);
  });

  it('appears after a while without a sentence, and again each while', async () => {
    const page = pageThatRemembers();
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const { create, edit } = page;
    page.create = async (content, index) => {
      first.resolve();
      return create(content, index);
    };
    page.edit = async (id, content) => {
      second.resolve();
      return edit(id, content);
    };
    await publish(parts('a', first.promise, 'b', second.promise, 'c'), page, { firstAfterMs: 1, everyMs: 1 });
    assert.deepEqual(page.changes, ['create 0', 'edit 0', 'edit 0']);
    assert.deepEqual(page.messages, ['abc']);
  });

  it('is not touched while it does not grow', async () => {
    const page = pageThatRemembers();
    const pause = new Promise<void>((resolve) => setTimeout(resolve, 30));
    await publish(parts('a', pause, 'b'), page, { firstAfterMs: 0, everyMs: 1 });
    assert.deepEqual(page.changes, ['create 0', 'edit 0']);
  });

  it('grows into further messages', async () => {
    const page = pageThatRemembers();
    const words = Array.from({ length: 900 }, (_, n) => `word${n} `);
    await publish(parts(...words), page, { firstAfterMs: 0, everyMs: 0 });
    assert.ok(page.messages.length === 4 && page.messages.every((message) => message.length <= 2000));
    assert.equal(page.messages.join(' '), words.join(''));
  });

  it('is not posted at all when there is nothing', async () => {
    const page = pageThatRemembers();
    assert.equal(await publish(parts(), page), '');
    assert.deepEqual(page.changes, []);
  });

  it('ends after 16,000 characters', async () => {
    const page = pageThatRemembers();
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield 'word '.repeat(100);
      } finally {
        ended = true;
      }
    }
    const text = await publish(endless(), page, { firstAfterMs: never, everyMs: never });
    assert.equal(text.length, 16_500);
    assert.equal(ended, true);
  });

  it('that cannot be posted is not read further', async () => {
    const posting = Promise.withResolvers<void>();
    let read = 0;
    async function* slow() {
      yield 'A sentence. ';
      await posting.promise;
      for (;;) {
        read++;
        yield 'more';
      }
    }
    const page = {
      create: async () => {
        posting.resolve();
        throw Object.assign(new Error('forbidden'), { status: 403 });
      },
      edit: async () => assert.fail(),
      restMs: () => 0,
    };
    await assert.rejects(publish(slow(), page), /forbidden/);
    const before = read;
    await new Promise(setImmediate);
    assert.ok(read - before <= 1);
  });

  it('that breaks is posted as far as it came', async () => {
    async function* breaking() {
      yield 'as far as this';
      throw new Error('broke');
    }
    const page = pageThatRemembers();
    await assert.rejects(publish(breaking(), page), /broke/);
    assert.deepEqual(page.messages, ['as far as this']);
  });

  it('is left alone for as long as Discord wants, but for its end', async () => {
    const page = pageThatRemembers();
    page.restMs = () => never;
    const first = Promise.withResolvers<void>();
    const { create } = page;
    page.create = async (content, index) => {
      first.resolve();
      return create(content, index);
    };
    const grown = parts('a', first.promise, 'b', new Promise<void>((resolve) => setTimeout(resolve, 30)), 'c');
    await publish(grown, page, { firstAfterMs: 0, everyMs: 1 });
    assert.deepEqual(page.changes, ['create 0', 'edit 0']);
    assert.deepEqual(page.messages, ['abc']);
  });

  /** A page on which these changes fail, counted from 1. */
  function pageThatFails(status: number | undefined, failing: (change: number) => boolean) {
    const page = pageThatRemembers();
    const { create, edit } = page;
    let changes = 0;
    const maybe = () => {
      if (failing(++changes)) throw Object.assign(new Error('no'), status === undefined ? {} : { status });
    };
    page.create = async (content, index) => {
      maybe();
      return create(content, index);
    };
    page.edit = async (id, content) => {
      maybe();
      return edit(id, content);
    };
    return { page, tries: () => changes };
  }

  it('makes up for a change that failed with the next, and does not end without its end', async () => {
    for (const status of [500, undefined]) {
      const { page } = pageThatFails(status, (change) => change === 1 || change === 3 || change === 4);
      const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
      await publish(parts('a', pause(), 'b'), page, { firstAfterMs: 0, everyMs: 1 });
      assert.deepEqual(page.messages, ['ab'], `status ${status}`);
    }
  });

  it('is given up when its end cannot be posted four times', async () => {
    const { page, tries } = pageThatFails(503, () => true);
    await assert.rejects(publish(parts('a'), page, { firstAfterMs: 0, everyMs: 1 }), { status: 503 });
    assert.equal(tries(), 4);
  });

  it('is given up at once when a moderator removed it', async () => {
    const { page, tries } = pageThatFails(404, (change) => change > 1);
    const pause = new Promise<void>((resolve) => setTimeout(resolve, 20));
    await assert.rejects(publish(parts('a', pause, 'b'), page, { firstAfterMs: 0, everyMs: 1 }), { status: 404 });
    assert.equal(tries(), 2);
  });
});
