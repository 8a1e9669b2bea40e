import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../net/http.ts';
import { Shop } from './fake-shop.ts';
import { bookinfoPrograms } from './index.ts';

test('Bookinfo programs are found by image name, whatever the registry and tag', () => {
  const images = [
    'docker.io/istio/examples-bookinfo-details-v1:1.20.3',
    'registry.istio.io/release/examples-bookinfo-ratings-v-faulty:1.20.3',
    'examples-bookinfo-reviews-v1',
    'localhost:5000/examples-bookinfo-reviews-v3:dev',
    'registry.istio.io/release/examples-bookinfo-mongodb:1.20.3',
    'docker.io/istio/examples-bookinfo-reviews-v4:1.20.3',
  ];
  assert.deepEqual(
    images.map((image) => bookinfoPrograms.find((program) => program.matches(image))?.images),
    [
      ['istio/examples-bookinfo-details-v1'],
      ['istio/examples-bookinfo-ratings-v-faulty'],
      ['istio/examples-bookinfo-reviews-v1'],
      ['istio/examples-bookinfo-reviews-v3'],
      ['istio/examples-bookinfo-mongodb'],
      undefined,
    ],
  );
});

test('details answers with the book, and 400 for an id that is no number', async () => {
  using shop = new Shop();
  shop.run('details-v1');
  assert.deepEqual(await shop.get('details', '/details/0'), {
    status: 200,
    text: '{"id":0,"author":"William Shakespeare","year":1595,"type":"paperback","pages":200,"publisher":"PublisherA","language":"English","ISBN-10":"1234567890","ISBN-13":"123-1234567890"}',
  });
  assert.deepEqual(await shop.get('details', '/details/one'), {
    status: 400,
    text: '{"error":"please provide numeric product id"}',
  });
});

test('ratings keeps what is posted, and answers 400 for an id that is no number', async () => {
  using shop = new Shop();
  shop.run('ratings-v1');
  const first = '{"id":0,"ratings":{"Reviewer1":5,"Reviewer2":4}}';
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), { status: 200, text: first });
  const posted = await shop.send('ratings', '/ratings/7', {
    method: 'POST',
    body: '{"Reviewer1":1,"Reviewer2":2}',
  });
  assert.equal(posted.status, 200);
  assert.deepEqual(await shop.get('ratings', '/ratings/7'), {
    status: 200,
    text: '{"id":7,"ratings":{"Reviewer1":1,"Reviewer2":2}}',
  });
  assert.deepEqual(await shop.get('ratings', '/ratings/one'), {
    status: 400,
    text: '{"error":"please provide numeric product ID"}',
  });
});

for (const [version, stars, row] of [
  ['v1', 0, undefined],
  ['v2', 9, 'text-black-500'],
  ['v3', 9, 'text-red-500'],
] as const) {
  test(`productpage shows ${stars} stars of reviews ${version}, and the pod that served them`, async () => {
    using shop = new Shop();
    shop.run('productpage-v1', 'details-v1', 'ratings-v1', `reviews-${version}`);
    const { status, text } = await shop.get('productpage', '/productpage');
    assert.equal(status, 200);
    assert.match(text, /<title>Simple Bookstore App<\/title>/);
    assert.match(text, /Book Details[^]*1234567890[^]*Book Reviews/);
    assert.equal(text.split('id="glyphicon glyphicon-star"').length - 1, stars);
    const rows = [...text.matchAll(/<div class="stars (text-\w+-500)"/g)].map(([, color]) => color);
    assert.deepEqual(rows, row === undefined ? [] : [row, row]);
    assert.ok(text.includes(`Reviews served by: <code>reviews-${version}-abc</code></p>`));
  });
}

test('reviews says that ratings are unavailable when ratings answers 500, and still answers 200', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'details-v1', 'reviews-v2');
  shop.answer('ratings', async () => ({
    status: 500,
    headers: new HttpHeaders(),
    body: Buffer.from('fault filter abort'),
  }));
  const { status, text } = await shop.get('reviews', '/reviews/0');
  const value: unknown = JSON.parse(text);
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(value, {
    id: '0',
    podname: 'reviews-v2-abc',
    clustername: 'null',
    reviews: [
      {
        reviewer: 'Reviewer1',
        rating: { error: 'Ratings service is currently unavailable' },
      },
      {
        reviewer: 'Reviewer2',
        rating: { error: 'Ratings service is currently unavailable' },
      },
    ],
  });
  const page = await shop.get('productpage', '/productpage');
  assert.equal(page.text.split('Ratings service is currently unavailable').length - 1, 2);
});

test('productpage gives up on reviews v2 after two tries of 3 s when ratings takes 7 s', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'details-v1', 'reviews-v2');
  shop.answer('ratings', () => new Promise(() => undefined));
  const page = shop.get('productpage', '/productpage');
  await shop.clock.advance(5_999);
  assert.equal(await Promise.race([page, Promise.resolve('waiting')]), 'waiting');
  await shop.clock.advance(1);
  const { status, text } = await page;
  assert.equal(status, 200);
  assert.match(
    text,
    /<h3>Error fetching product reviews<\/h3>\n<p>Sorry, product reviews are currently unavailable for this book\.<\/p>/,
  );
  assert.equal(shop.calls.filter((call) => call === 'reviews /reviews/0').length, 2);
});

test('productpage shows reviews v3 without stars after 2.5 s when ratings takes 7 s', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'details-v1', 'reviews-v3');
  shop.answer('ratings', () => new Promise(() => undefined));
  const page = shop.get('productpage', '/productpage');
  await shop.clock.advance(2_500);
  const { text } = await page;
  assert.equal(text.split('Ratings service is currently unavailable').length - 1, 2);
  assert.ok(text.includes('Reviews served by: <code>reviews-v3-abc</code>'));
});

test('productpage keeps no timer once it has answered', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'details-v1', 'reviews-v3', 'ratings-v1');
  await shop.get('productpage', '/productpage');
  assert.equal(shop.timers, 0);
});

test('productpage signs in with any name and passes it on as end-user', async () => {
  using shop = new Shop();
  const seen: (string | undefined)[] = [];
  shop.run('productpage-v1', 'details-v1');
  shop.answer('reviews', async ({ headers }) => {
    seen.push(headers.get('end-user'));
    return { status: 503, headers: new HttpHeaders(), body: Buffer.from('no healthy upstream') };
  });
  const signedIn = await shop.send('productpage', '/login', {
    method: 'POST',
    body: 'username=jason&passwd=',
    headers: [['referer', 'http://localhost/productpage']],
  });
  assert.equal(signedIn.status, 302);
  assert.equal(signedIn.headers.get('location'), 'http://localhost/productpage');
  const cookie = signedIn.headers.get('set-cookie') ?? '';
  assert.equal(cookie, 'session=amFzb24; HttpOnly; Path=/');

  const session = cookie.slice(0, cookie.indexOf(';'));
  const page = await shop.get('productpage', '/productpage', [['cookie', `a=b; ${session}`]]);
  assert.match(page.text, /jason<\/span><a class="button quiet" href="logout">Sign out<\/a>/);
  const anonymous = await shop.get('productpage', '/productpage', [['end-user', 'jason']]);
  assert.match(anonymous.text, /<summary>Sign in<\/summary>/);
  assert.deepEqual(seen, ['jason', 'jason', undefined, undefined]);

  const signedOut = await shop.send('productpage', '/logout', {});
  assert.equal(signedOut.status, 302);
  assert.match(signedOut.headers.get('set-cookie') ?? '', /^session=; Expires=Thu, 01 Jan 1970/);
});

test('productpage writes what others say as text, never as HTML', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'details-v1', 'reviews-v1');
  const { headers } = await shop.send('productpage', '/login', {
    method: 'POST',
    body: 'username=%3Cscript%3E%0A',
  });
  const cookie = (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const { text } = await shop.get('productpage', '/productpage', [['cookie', cookie]]);
  assert.ok(text.includes('</span>&lt;script&gt;</span>'));
});

test('The products API passes on JSON and the status of what failed, and /metrics counts both', async () => {
  using shop = new Shop();
  shop.run('productpage-v1', 'ratings-v1');
  shop.answer('reviews', async () => ({
    status: 503,
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  }));
  assert.match(
    (await shop.get('productpage', '/api/v1/products')).text,
    /^\[\{"id": 0, "title": "The Comedy of Errors", "descriptionHtml": "/,
  );
  assert.deepEqual(await shop.get('productpage', '/api/v1/products/0/ratings'), {
    status: 200,
    text: '{"id": 0, "ratings": {"Reviewer1": 5, "Reviewer2": 4}}',
  });
  assert.deepEqual(await shop.get('productpage', '/api/v1/products/0/reviews'), {
    status: 503,
    text: '{"error": "Sorry, product reviews are currently unavailable for this book."}',
  });
  assert.deepEqual(await shop.get('productpage', '/api/v1/products/0'), {
    status: 500,
    text: '{"error": "Sorry, product details are currently unavailable for this book."}',
  });
  assert.deepEqual(await shop.get('productpage', '/metrics'), {
    status: 200,
    text: [
      '# HELP request_result_total Results of requests',
      '# TYPE request_result_total counter',
      'request_result_total{destination_app="ratings",response_code="200"} 1.0',
      'request_result_total{destination_app="reviews",response_code="503"} 1.0',
      'request_result_total{destination_app="details",response_code="500"} 1.0',
      '',
    ].join('\n'),
  });
});

test('productpage answers its other paths', async () => {
  using shop = new Shop();
  shop.run('productpage-v1');
  const statuses = await Promise.all(
    ['/', '/index.html', '/health', '/static/book.svg', '/nothing', '/login'].map(
      async (path) => (await shop.get('productpage', path)).status,
    ),
  );
  assert.deepEqual(statuses, [200, 200, 200, 200, 404, 405]);
  assert.equal((await shop.get('productpage', '/health')).text, 'Product page is healthy');
});

test('A stopped Bookinfo program no longer listens', async () => {
  using shop = new Shop();
  shop.run('details-v1');
  shop[Symbol.dispose]();
  await assert.rejects(shop.get('details', '/health'), { code: 'ECONNREFUSED' });
});
