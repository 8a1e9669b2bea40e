import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';

import { LONG_RUNNING_LIMIT, REQUESTS_IN_FLIGHT_LIMIT } from '../../limits.ts';
import { parseRequest } from '../requests/request-info.ts';
import { Load } from './load.ts';

function response(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

const get = parseRequest('GET', '/api/v1/pods', new URLSearchParams());
const watch = parseRequest('GET', '/api/v1/pods', new URLSearchParams('watch=1'));
const refusal = {
  code: 429,
  message: 'Too many requests, please try again later.',
  details: { retryAfterSeconds: 1 },
};

test('Load tells clients to come back when too many requests are under way, and takes them again as soon as one has ended', () => {
  const load = new Load();
  const first = response();
  load.admit(get, first);
  for (let count = 1; count < REQUESTS_IN_FLIGHT_LIMIT; count++) load.admit(get, response());
  assert.throws(() => load.admit(get, response()), refusal);
  first.emit('close');
  load.admit(get, response());
});

test('Load counts watches apart from requests that end by themselves', () => {
  const load = new Load();
  for (let count = 0; count < LONG_RUNNING_LIMIT; count++) load.admit(watch, response());
  assert.throws(() => load.admit(watch, response()), refusal);
  load.admit(get, response());
});
