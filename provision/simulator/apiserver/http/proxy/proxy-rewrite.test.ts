import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rewriteHtml, rewriteUrl } from './proxy-rewrite.ts';

const place = {
  prefix: '/api/v1/namespaces/default/services/web/proxy',
  targetHost: '10.244.1.7:80',
  requestHost: '172.30.1.2:6443',
};

test('rewriteUrl() leads absolute paths and the target itself through the proxy, and nothing else', () => {
  const cases: Readonly<Record<string, string>> = {
    '/login?next=/': `${place.prefix}/login?next=/`,
    'http://10.244.1.7:80/a/#b': `${place.prefix}/a/#b`,
    [`https://172.30.1.2:6443${place.prefix}/x`]: `https://172.30.1.2:6443${place.prefix}/x`,
    [`${place.prefix}/x`]: `${place.prefix}/x`,
    'https://istio.io/latest': 'https://istio.io/latest',
    '//cdn.example.com/x.js': '//cdn.example.com/x.js',
    'page/2': 'page/2',
    '#top': '#top',
    '': '',
  };
  const found = Object.keys(cases).map((url) => [url, rewriteUrl(url, place)]);
  assert.deepEqual(Object.fromEntries(found), cases);
});

test('rewriteHtml() changes links in tags, not text', () => {
  const page = `<a class="x" href="/a">href="/b"</a><img src='/c.png'><form action="https://x.org/d"><script>x = "/e"</script>`;
  assert.equal(
    rewriteHtml(page, place),
    page.replace('"/a"', `"${place.prefix}/a"`).replace("'/c.png'", `'${place.prefix}/c.png'`),
  );
});
