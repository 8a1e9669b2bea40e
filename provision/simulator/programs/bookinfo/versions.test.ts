import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../net/http.ts';
import { Shop } from './fake-shop.ts';

const STARS = { status: 200, text: '{"id":0,"ratings":{"Reviewer1":5,"Reviewer2":4}}' };
const UNAVAILABLE = { status: 503, text: '{"error":"Service unavailable"}' };

test('ratings v-faulty answers 503 half of the time', async () => {
  using shop = new Shop();
  shop.run('ratings-v-faulty');
  shop.random = 0.5;
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), UNAVAILABLE);
  shop.random = 0.51;
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), STARS);
});

test('ratings v-delayed takes seven seconds half of the time', async () => {
  using shop = new Shop();
  shop.run('ratings-v-delayed');
  shop.random = 0.2;
  const slow = shop.get('ratings', '/ratings/0');
  await shop.clock.advance(6_999);
  assert.equal(await Promise.race([slow, Promise.resolve('waiting')]), 'waiting');
  await shop.clock.advance(1);
  assert.deepEqual(await slow, STARS);
});

test('ratings v-unavailable is unavailable every other minute, and healthy all the time', async () => {
  using shop = new Shop();
  shop.run('ratings-v-unavailable');
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), STARS);
  await shop.clock.advance(60_000);
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), UNAVAILABLE);
  assert.equal((await shop.get('ratings', '/health')).status, 200);
  await shop.clock.advance(60_000);
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), STARS);
});

test('ratings v-unhealthy fails its health check for a quarter of an hour', async () => {
  using shop = new Shop();
  shop.run('ratings-v-unhealthy');
  await shop.clock.advance(900_000);
  assert.deepEqual(await shop.get('ratings', '/health'), {
    status: 500,
    text: '{"status":"Ratings is not healthy"}',
  });
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), UNAVAILABLE);
});

test('reviews answers in the very form of the sample', async () => {
  using shop = new Shop();
  shop.run('reviews-v2', 'ratings-v1');
  const { text } = await shop.get('reviews', '/reviews/0');
  assert.match(
    text,
    /^\{"id": "0","podname": "reviews-v2-abc","clustername": "null","reviews": \[\{ {2}"reviewer": "Reviewer1", {2}"text": "[^"]+", "rating": \{"stars": 5, "color": "black"\}\},\{ {2}"reviewer": "Reviewer2", {2}"text": "[^"]+", "rating": \{"stars": 4, "color": "black"\}\}\]\}$/,
  );
  assert.equal((await shop.get('reviews', '/health')).text, '{"status": "Reviews is healthy"}');
});

test('reviews says that ratings are unavailable when their answer lacks a reviewer', async () => {
  using shop = new Shop();
  shop.run('reviews-v3');
  shop.answer('ratings', async () => ({
    status: 200,
    headers: new HttpHeaders(),
    body: Buffer.from('{"id":0,"ratings":{"Reviewer1":3}}'),
  }));
  const value: unknown = JSON.parse((await shop.get('reviews', '/reviews/0')).text);
  assert.partialDeepStrictEqual(value, {
    reviews: [
      { reviewer: 'Reviewer1', rating: { stars: 3, color: 'red' } },
      { reviewer: 'Reviewer2', rating: { error: 'Ratings service is currently unavailable' } },
    ],
  });
});

const VOLUME = {
  items: [
    {
      volumeInfo: {
        authors: ['William Shakespeare'],
        publishedDate: '2003',
        printType: 'BOOK',
        pageCount: 110,
        publisher: 'Courier Corporation',
        language: 'en',
        industryIdentifiers: [
          { type: 'ISBN_10', identifier: '0486424618' },
          { type: 'ISBN_13', identifier: '9780486424613' },
        ],
      },
    },
  ],
};

test('details v2 tells the book as a service on the internet has it, and passes headers on', async () => {
  using shop = new Shop();
  shop.env = { DO_NOT_ENCRYPT: 'true' };
  shop.run('details-v2');
  const asked: (string | undefined)[] = [];
  shop.answer('www.googleapis.com:80', async ({ path, authority, headers }) => {
    asked.push(path, authority, headers.get('x-request-id'));
    const body = Buffer.from(JSON.stringify(VOLUME));
    return { status: 200, headers: new HttpHeaders(), body };
  });
  assert.deepEqual(await shop.get('details', '/details/0', [['x-request-id', 'a']]), {
    status: 200,
    text: '{"id":0,"author":"William Shakespeare","year":"2003","type":"paperback","pages":110,"publisher":"Courier Corporation","language":"English","ISBN-10":"0486424618","ISBN-13":"9780486424613"}',
  });
  assert.deepEqual(asked, ['/books/v1/volumes?q=isbn:0486424618', 'www.googleapis.com', 'a']);
});

test('details v2 answers 400 with the reason when the internet does not answer, or answers something else', async () => {
  using shop = new Shop();
  shop.env = { DO_NOT_ENCRYPT: 'true' };
  shop.run('details-v2');
  const refused =
    'Failed to open TCP connection to www.googleapis.com:80 (Connection refused - connect(2) for \\"www.googleapis.com\\" port 80)';
  assert.deepEqual(await shop.get('details', '/details/0'), {
    status: 400,
    text: `{"error":"${refused}"}`,
  });
  shop.answer('www.googleapis.com:80', () => new Promise(() => undefined));
  const late = shop.get('details', '/details/0');
  await shop.clock.advance(5_000);
  assert.deepEqual(await late, {
    status: 400,
    text: '{"error":"Net::ReadTimeout with #<TCPSocket:(closed)>"}',
  });
  shop.answer('www.googleapis.com:80', async () => ({
    status: 502,
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  }));
  assert.deepEqual(await shop.get('details', '/details/0'), {
    status: 400,
    text: `{"error":"unexpected token at ''"}`,
  });
});
