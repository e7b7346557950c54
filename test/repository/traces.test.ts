import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { traceFindings } from '../../scripts/check/secrets-and-traces.ts';
import { Project } from './project.ts';

const findings = (content: string): string[] => {
  using project = new Project({
    '.gitignore': 'ignored/\n',
    'docs/a.md': `# A\n\n${content}\n`,
    'ignored/b.md': content,
  });
  return traceFindings(project.root);
};
const random = (length: number): string => randomBytes(length).toString('hex').slice(0, length);
const token = [Buffer.from('123456789012345678').toString('base64url'), random(6), random(38)].join('.');

const forbidden: readonly (readonly [what: string, content: string])[] = [
  ['a Discord token', `token: ${token}`],
  ['an access key', `OPENAI_API_KEY=${['sk', random(40)].join('-')}`],
  ['a private key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
  ['a registry of its own', ['registry', 'http'].join('=')],
  ['a resolved address in a lock file', ['"resolved"', '"https://example.org/a.tgz"'].join(': ')],
  ['a registry host', ['https:/', 'registry.example.org', 'a'].join('/')],
  ['a path of one machine', ['', 'home', 'somebody', 'project'].join('/')],
  ['a checkout path', ['', 'work', 'project'].join('/')],
  ['a reference to a page elsewhere', ['DESIGN', '§2'].join(' ')],
];

for (const [what, content] of forbidden) {
  test(`${what} in a file is found, with its line, and not repeated`, () => {
    const found = findings(content);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', /^docs\/a\.md:3 /);
    assert.ok(!found[0]?.includes(content), 'the finding must not show the secret');
  });
}

test('ordinary text is left alone', () => {
  const ordinary = [
    'https://discord.com/developers/applications',
    'npm install --registry somewhere',
    '/var/lib/droas ~/.local/state/droas /run/user/1000 $HOME/work/x ./work/x /home/ada/bots',
    `sha512-${'A'.repeat(86)}==`,
    'RFC 9457, 1.2.3, a.b.c',
  ];
  assert.deepEqual(findings(ordinary.join('\n')), []);
});

test('a build under way is not part of the repository', () => {
  using project = new Project({ '.gitignore': 'dist/\n', 'dist.123/a.js': token, 'dist/a.js': token });
  assert.deepEqual(traceFindings(project.root), []);
});

test('binary files are not read as text', () => {
  assert.deepEqual(findings(`\0${token}`), []);
});
