import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheDirectory, socketPath, stateDirectory, trustSocket } from '../../src/adapters/system/paths.ts';

const ada = { uid: 1000, home: '/home/ada' };
const root = { uid: 0, home: '/root' };

describe('the state directory', () => {
  it('is the one that is named, first on the command line, then in the environment', () => {
    assert.equal(stateDirectory('/a', { DROAS_STATE: '/b' }, ada), '/a');
    assert.equal(stateDirectory(undefined, { DROAS_STATE: '/b', XDG_STATE_HOME: '/c' }, ada), '/b');
    assert.equal(stateDirectory('relative', {}, ada), `${process.cwd()}/relative`);
  });

  it('is that of the system for root, else one that survives a logout', () => {
    assert.equal(stateDirectory(undefined, {}, root), '/var/lib/droas');
    assert.equal(stateDirectory(undefined, { DROAS_STATE: '' }, ada), '/home/ada/.local/state/droas');
    assert.equal(stateDirectory(undefined, { XDG_STATE_HOME: '/c' }, ada), '/c/droas');
    assert.equal(stateDirectory(undefined, { XDG_STATE_HOME: 'relative' }, ada), '/home/ada/.local/state/droas');
  });
});

describe('the cache directory', () => {
  it('is where XDG says', () => {
    assert.equal(cacheDirectory({}, ada), '/home/ada/.cache/droas');
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: '/c' }, ada), '/c/droas');
  });
});

describe('the socket', () => {
  it('is not trusted in a directory that somebody else made', (t) => {
    const stranger = { uid: 999_998, home: '/' };
    const directory = `/tmp/droas-${stranger.uid}`;
    mkdirSync(directory);
    t.after(() => rmdirSync(directory));
    assert.throws(() => trustSocket(`${directory}/x.sock`, stranger), { code: 'NOT_ALLOWED' });
  });

  it('lies in the state directory', () => {
    assert.equal(socketPath('/srv/state', ada), '/srv/state/droas.sock');
  });

  it('always has a path that the kernel takes, and the same one for the same directory', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300 }), fc.nat(2 ** 31), (name, uid) => {
        const path = socketPath(`/${name}`, { uid, home: '/' });
        assert.ok(Buffer.byteLength(path) <= (process.platform === 'darwin' ? 103 : 107));
        assert.equal(path, socketPath(`/${name}`, { uid, home: '/elsewhere' }));
      }),
    );
  });

  it('counts bytes, not letters', () => {
    assert.match(socketPath(`/${'ü'.repeat(60)}`, ada), /^\/tmp\/droas-1000\/[0-9a-f]{16}\.sock$/);
  });

  it('is trusted in a directory of our own, or where nobody made one yet', () => {
    trustSocket('/srv/state/droas.sock', ada);
    trustSocket('/tmp/droas-999999/x.sock', { uid: 999_999, home: '/' });
  });
});
