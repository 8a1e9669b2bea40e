import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LessonRenderer } from './render.ts';

const renderer = await LessonRenderer.load();

test('render() turns a fence with {{exec}} into a runnable block with its source', () => {
  const page = renderer.render('```bash\nkubectl get pods\n```{{exec}}\n');
  assert.deepEqual(page, {
    html:
      '<figure class="command"><pre><code><span class="tok-function">kubectl</span> <span class="tok-string">get</span> <span class="tok-string">pods</span></code></pre>' +
      '<button type="button" class="run" data-action="0"></button><button type="button" class="copy" data-action="1"></button></figure>',
    actions: [
      { type: 'exec', text: 'kubectl get pods', isInterrupting: false, hasNewline: true },
      { type: 'copy', text: 'kubectl get pods' },
    ],
  });
});

test('render() keeps line ends of a span and reads the macro words in any order', () => {
  const { actions } = renderer.render(
    'Run `\nwhile true\ndo date\ndone\n`{{execute interupt T2}} now.',
  );
  assert.deepEqual(actions, [
    {
      type: 'exec',
      text: '\nwhile true\ndo date\ndone',
      terminal: 2,
      isInterrupting: true,
      hasNewline: true,
    },
  ]);
});

test('render() finds runnable fences inside lists', () => {
  const { actions } = renderer.render(
    '1. First:\n\n   ```\n   echo one\n   echo two\n   ```{{exec}}\n\n2. Then `x`{{copy}}\n',
  );
  assert.deepEqual(actions, [
    { type: 'exec', text: 'echo one\necho two', isInterrupting: false, hasNewline: true },
    { type: 'copy', text: 'echo one\necho two' },
    { type: 'copy', text: 'x' },
  ]);
});

test('render() takes a plain span before a command span for what it is', () => {
  const { actions } = renderer.render('Look at `hello`, then run `kubectl get pods`{{exec}}.');
  assert.deepEqual(actions, [
    { type: 'exec', text: 'kubectl get pods', isInterrupting: false, hasNewline: true },
  ]);
});

test('render() sends control keys and leaves Go templates alone', () => {
  const page = renderer.render(
    'Press `^C`{{execute ctrl-seq}}, see `{{ .Names }}` and `x`{{ .Values.y }}.',
  );
  assert.deepEqual(page.actions, [
    { type: 'exec', text: '\u0003', isInterrupting: false, hasNewline: false },
  ]);
  assert.match(
    page.html,
    /<code>\{\{ \.Names \}\}<\/code> and <code>x<\/code>\{\{ \.Values\.y \}\}\./,
  );
});

test('render() takes two blocks apart when only the second is runnable', () => {
  const { html, actions } = renderer.render(
    '```yaml\na: 1\n```\n\nThen:\n\n```\necho hi\n```{{exec}}\n',
  );
  assert.match(html, /^<pre><code>.*<\/code><\/pre>\s*<p>Then:<\/p>\s*<figure/s);
  assert.equal(actions.length, 2);
});

const HOSTILE = [
  ['<script>alert(1)</script>', ''],
  ['<img src=x onerror="alert(1)">', '<img src="x">'],
  [
    '<a href="javascript:alert(1)">x</a>',
    '<p><a target="_blank" rel="noopener noreferrer">x</a></p>\n',
  ],
  ['<button class="run" data-action="0">Free money</button>', '<p></p>\n'],
  ['<div class="modal" id="root" style="position:fixed">x</div>', '<div>x</div>'],
  ['<iframe src="https://example.org"></iframe>', ''],
  ['<svg onload=alert(1)></svg>', '<p></p>\n'],
] as const;

test('render() lets no script, handler, style, frame or foreign button through', () => {
  assert.deepEqual(
    HOSTILE.map(([source]) => renderer.render(source).html),
    HOSTILE.map(([, html]) => html),
  );
});

test('render() marks callouts', () => {
  assert.equal(
    renderer.render('> [!TIP]\n> Look up.').html,
    '<blockquote class="tip"><p>Look up.</p>\n</blockquote>',
  );
});
