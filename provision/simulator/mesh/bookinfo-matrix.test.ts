import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HttpResponse } from '../net/http.ts';
import { GATEWAY, meshWithBookinfo } from './testbed/bookinfo-mesh.ts';
import { REVIEWS_SUBSETS, routesFor } from './testbed/mesh.ts';

/** What happens to requests for ratings. */
const FAULTS = {
  none: undefined,
  'delay 2 s': { delay: { fixedDelay: '2s', percentage: { value: 100 } } },
  'delay 7 s': { delay: { fixedDelay: '7s', percentage: { value: 100 } } },
  'abort 500': { abort: { httpStatus: 500, percentage: { value: 100 } } },
} as const;

/**
 * Who asks, the version of reviews, the fault for ratings and whom it is for, the time-out of the route to reviews:
 * what the page shows, and after how long. The numbers follow from the applications: productpage asks reviews twice, 3 s
 * each; reviews waits for ratings 10 s with black stars and 2.5 s with red ones
 * (https://istio.io/latest/docs/tasks/traffic-management/fault-injection/ and …/request-timeouts/).
 */
const MATRIX = `
  user   version  fault      for    time-out | shows              ms
  nobody v1       none       all    none     | reviews            0
  nobody v2       none       all    none     | black stars        0
  nobody v3       none       all    none     | red stars          0
  jason  v2       none       all    none     | black stars        0
  nobody v1       delay 7 s  all    none     | reviews            0
  nobody v2       delay 7 s  all    none     | no reviews         6000
  nobody v3       delay 7 s  all    none     | no ratings         2500
  jason  v2       delay 7 s  jason  none     | no reviews         6000
  jason  v3       delay 7 s  jason  none     | no ratings         2500
  nobody v2       delay 7 s  jason  none     | black stars        0
  nobody v2       delay 2 s  all    none     | black stars        2000
  nobody v3       delay 2 s  all    none     | red stars          2000
  nobody v1       delay 2 s  all    0.5s     | reviews            0
  nobody v2       delay 2 s  all    0.5s     | no reviews         1000
  nobody v3       delay 2 s  all    0.5s     | no reviews         1000
  nobody v2       delay 2 s  all    2.5s     | black stars        2000
  jason  v2       delay 2 s  jason  1s       | no reviews         2000
  nobody v2       delay 2 s  jason  1s       | black stars        0
  nobody v2       none       all    0.5s     | black stars        0
  nobody v1       abort 500  all    none     | reviews            0
  nobody v2       abort 500  all    none     | no ratings         0
  nobody v3       abort 500  all    none     | no ratings         0
  jason  v2       abort 500  jason  none     | no ratings         0
  nobody v2       abort 500  jason  none     | black stars        0
  nobody v2       abort 500  all    0.5s     | no ratings         0`;

/** The session of a user who has signed in. */
const COOKIES: Readonly<Record<string, object>> = {
  nobody: {},
  jason: { cookie: `session=${Buffer.from('jason').toString('base64url')}` },
};

test("Bookinfo's page shows what user, version, fault and time-out make of it, and takes as long", async () => {
  const mesh = await meshWithBookinfo();
  using _ = mesh.testbed;
  const [header = '', ...rows] = MATRIX.trim()
    .split('\n')
    .map((row) => row.trim());
  const found: string[] = [];
  for (const row of rows) {
    const [user = '', version = '', fault = '', whom = '', timeout = ''] = cellsOf(row);
    await mesh.change(REVIEWS_SUBSETS, ratings(fault, whom), reviews(version, timeout));
    const { response, tookMs } = await mesh.timed(`${GATEWAY}/productpage`, COOKIES[user]);
    const given = row.slice(0, row.indexOf('|') + 2);
    found.push(`${given}${shown(response).padEnd(19)}${tookMs}`);
  }
  assert.equal([header, ...found].join('\n'), [header, ...rows].join('\n'));
});

function cellsOf(row: string): readonly string[] {
  return row
    .slice(0, row.indexOf('|'))
    .trim()
    .split(/ (?=v\d)| {2,}/)
    .map((cell) => cell.trim());
}

function ratings(name: string, whom: string) {
  const fault = Object.entries(FAULTS).find(([one]) => one === name)?.[1];
  const route = [{ destination: { host: 'ratings' } }];
  const match = whom === 'all' ? {} : { match: [{ headers: { 'end-user': { exact: whom } } }] };
  return routesFor('ratings', [{ ...match, ...(fault && { fault }), route }, { route }]);
}

function reviews(subset: string, timeout: string) {
  const route = [{ destination: { host: 'reviews', subset } }];
  return routesFor('reviews', [{ route, ...(timeout !== 'none' && { timeout }) }]);
}

/** What a reader of the page sees of its reviews. */
function shown(response: HttpResponse): string {
  const page = Buffer.from(response.body).toString();
  if (response.status !== 200) return String(response.status);
  if (page.includes('Error fetching product reviews')) return 'no reviews';
  if (page.includes('Ratings service is currently unavailable')) return 'no ratings';
  const color = / text-(black|red)-500"/.exec(page)?.[1];
  return color === undefined ? 'reviews' : `${color} stars`;
}
