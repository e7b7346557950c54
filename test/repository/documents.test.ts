import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorsOf, citationFindings, errorFindings, linkFindings } from '../../scripts/check/documents.ts';
import { Project } from './project.ts';

test('a link to a file, a folder, an image and a heading that exist is fine', () => {
  using project = new Project({
    'README.md': [
      '# Title',
      '[page](docs/page.md) [part](docs/page.md#two-words) [here](#title) [docs](docs/) ![picture](docs/a.svg "t")',
      '<img src="docs/a.svg"> [site](https://example.org/x) [mail](mailto:a@example.org)',
      '[by name][ref]',
      '',
      '[ref]: docs/page.md',
    ].join('\n'),
    'docs/page.md': '# Page\n\n## Two *words*\n\n[back](../README.md#title)\n',
    'docs/a.svg': '<svg/>',
  });
  assert.deepEqual(linkFindings(project.root), []);
});

test('a link that leads nowhere is named with file and line', () => {
  using project = new Project({
    'README.md':
      '# Title\n\n[gone](docs/gone.md)\n[no heading](#nothing)\n<img src="gone.svg">\n\n[ref]: ../elsewhere.md\n',
  });
  assert.deepEqual(linkFindings(project.root), [
    'README.md:3 leads nowhere: docs/gone.md (docs/gone.md does not exist)',
    'README.md:4 README.md has no heading #nothing',
    'README.md:5 leads nowhere: gone.svg (gone.svg does not exist)',
    'README.md:7 leads out of the repository: ../elsewhere.md',
  ]);
});

test('what only looks like a link, in code, is no link', () => {
  using project = new Project({ 'README.md': '`[a](b.md)`\n\n```md\n[a](b.md)\n```\n\n<!-- [a](b.md) -->\n' });
  assert.deepEqual(linkFindings(project.root), []);
});

test('headings make the anchors that GitHub makes, also for repeated ones', () => {
  const anchors = anchorsOf('# A `code` & more\n## Über [us](x.md)\n### Same\n### Same\n```\n# not a heading\n```\n');
  assert.deepEqual([...anchors], ['a-code--more', 'über-us', 'same', 'same-1']);
});

test('a page of the manual that the code mentions must exist, with its heading', () => {
  using project = new Project({
    'src/a.ts': '/** @see docs/page.md#part */\n/** @see docs/page.md#gone */\n// docs/none.md explains it.\n',
    'docs/page.md': '# Part\n',
  });
  assert.deepEqual(citationFindings(project.root), [
    'src/a.ts:2 docs/page.md has no heading #gone',
    'src/a.ts:3 leads nowhere: docs/none.md (docs/none.md does not exist)',
  ]);
});

test('every error code needs a heading, and every heading a code', () => {
  using project = new Project({ 'docs/errors.md': '# Errors\n\n## `BOT_NOT_FOUND`\n\n### OLD_ONE\n' });
  assert.deepEqual(errorFindings(project.root, ['BOT_NOT_FOUND', 'USAGE']), [
    'docs/errors.md:1 USAGE has no heading: explain it',
    'docs/errors.md:5 OLD_ONE is not in src/core/errors.ts any more',
  ]);
});

test('a missing page of errors is one finding, not a crash', () => {
  using project = new Project({});
  assert.equal(errorFindings(project.root, ['USAGE']).length, 1);
});
