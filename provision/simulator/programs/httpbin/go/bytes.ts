import { createHash } from 'node:crypto';

import type { HttpResponse } from '../../../net/http.ts';
import { MOST_BODY_BYTES, MOST_LINKS, MOST_RANDOM_BYTES, MOST_STREAM_LINES } from '../limits.ts';
import {
  answer,
  type Asked,
  goJson,
  type Handler,
  HTML,
  JSON_TYPE,
  problem,
  TEXT,
} from './asked.ts';
import { get } from './inspection.ts';
import { notANumber, toPlace, wholeNumber } from './statuses.ts';

/** /bytes/{n} and /stream-bytes/{n}: random bytes; the same ones for the same `seed`. */
export const randomBytes: Handler = ({ parts: [written = ''], query, context }) => {
  const count = wholeNumber(written);
  if (count === undefined) return problem(400, `invalid byte count: ${notANumber(written)}`);
  if (count < 0) return problem(400, `invalid byte count: ${count} must be greater than 0`);
  if (count === 0) return answer('');
  const seed = query.get('seed') ?? '';
  if (seed !== '' && wholeNumber(seed) === undefined) {
    return problem(400, `invalid seed: ${notANumber(seed, 'ParseInt')}`);
  }
  const size = Math.min(count, MOST_RANDOM_BYTES);
  const bytes = spread(size, seed === '' ? String(context.random()) : seed);
  return answer(bytes, { headers: [['content-type', 'application/octet-stream']] });
};

/** Bytes that look random. Not Go's own generator: equal seeds give equal bytes, but not those of the original. */
function spread(size: number, seed: string): Uint8Array {
  return createHash('shake256', { outputLength: size }).update(seed).digest();
}

/** /range/{n}: letters from a to z over and over, whole or the range that is asked for (RFC 9110, section 14). */
export const range: Handler = ({ parts: [written = ''], request }) => {
  const count = wholeNumber(written);
  if (count === undefined) return problem(400, `invalid count: ${notANumber(written, 'ParseInt')}`);
  const headers: [string, string][] = [
    ['etag', `range${count}`],
    ['accept-ranges', 'bytes'],
  ];
  if (count <= 0 || count > MOST_BODY_BYTES) {
    return problem(400, `invalid count: ${count} not in range [1, ${MOST_BODY_BYTES}]`, headers);
  }
  const asked = rangeOf(request.headers.get('range') ?? '', count);
  headers.push(['content-type', TEXT]);
  if (asked === undefined) return answer(letters(0, count), { headers });
  if (asked === 'none') {
    headers.push(['content-range', `bytes */${count}`]);
    return answer('invalid range: failed to overlap\n', { status: 416, headers });
  }
  headers.push(['content-range', `bytes ${asked.from}-${asked.to}/${count}`]);
  return answer(letters(asked.from, asked.to + 1), { status: 206, headers });
};

function letters(from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, index) => 97 + ((from + index) % 26));
}

function rangeOf(text: string, size: number) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? 'none' : { from, to };
}

/** /stream/{n}: what came, so many times, a line each. */
export const stream: Handler = ({ parts: [written = ''], args, headers, origin, url }) => {
  const count = wholeNumber(written);
  if (count === undefined) return problem(400, `invalid count: ${notANumber(written)}`);
  const lines = Math.min(Math.max(count, 1), MOST_STREAM_LINES);
  const text = Array.from(
    { length: lines },
    (_, id) => `${JSON.stringify({ id, args, headers, origin, url })}\n`,
  ).join('');
  return answer(text, { headers: [['content-type', TEXT]] });
};

/** /links/{n}/{offset}: a page that links to its neighbours. */
export const links: Handler = ({ parts: [written = '', at], path }) => {
  const count = wholeNumber(written);
  if (count === undefined) return problem(400, `invalid link count: ${notANumber(written)}`);
  if (count < 0 || count > MOST_LINKS) {
    return problem(400, `invalid link count: ${count} must be in range [0, ${MOST_LINKS}]`);
  }
  if (at === undefined) return toPlace(`${path}/0`);
  const offset = wholeNumber(at);
  if (offset === undefined) return problem(400, `invalid offset: ${notANumber(at)}`);
  const all = Array.from({ length: count }, (_, index) =>
    index === offset ? `${index} ` : `<a href="/links/${count}/${index}">${index}</a> `,
  );
  const text = `<html><head><title>Links</title></head><body>${all.join('')}</body></html>`;
  return answer(text, { headers: [['content-type', HTML]] });
};

/** /base64/{data} and /base64/{encode or decode}/{data}. */
export const base64: Handler = ({ parts }) => {
  const [operation = 'decode', data = ''] = parts.length > 1 ? parts : ['decode', ...parts];
  if (data === '') return problem(400, 'no input data');
  if (operation === 'encode') {
    const coded = Buffer.from(data).toString('base64');
    return plain(coded.replaceAll('+', '-').replaceAll('/', '_'));
  }
  if (operation !== 'decode') return problem(400, `invalid operation: ${operation}`);
  const wrong = /[^\w+/=-]/.exec(data)?.index ?? (data.length % 4 === 0 ? undefined : data.length);
  if (wrong === undefined) return plain(Buffer.from(data, 'base64'));
  return problem(400, `base64 decode failed: illegal base64 data at input byte ${wrong}`);
};

function plain(content: string | Uint8Array): HttpResponse {
  return answer(content, { headers: [['content-type', TEXT]] });
}

/** /cache: 304 for a client that has it already. */
export const cache: Handler = async (asked) => {
  const { request, context } = asked;
  const isKnown = request.headers.has('if-modified-since') || request.headers.has('if-none-match');
  if (isKnown) return answer('', { status: 304 });
  const response = await get(asked);
  const modified = new Date(context.clock.now()).toUTCString().replace('GMT', 'UTC');
  response.headers.set('last-modified', modified);
  response.headers.set('etag', createHash('sha1').update(modified).digest('hex'));
  return response;
};

export const cacheControl: Handler = async (asked) => {
  const seconds = wholeNumber(asked.parts[0] ?? '');
  if (seconds === undefined) {
    return problem(400, `invalid seconds: ${notANumber(asked.parts[0] ?? '', 'ParseInt')}`);
  }
  const response = await get(asked);
  response.headers.set('cache-control', `public, max-age=${seconds}`);
  return response;
};

/** /etag/{etag}: as if the answer had that mark. */
export const etag: Handler = async (asked) => {
  const mark = `"${asked.parts[0] ?? ''}"`;
  const { headers } = asked.request;
  const marks = (name: string) => headers.get(name)?.split(/,\s*/) ?? [];
  const has = (list: readonly string[]) => list.includes(mark) || list.includes('*');
  if (headers.has('if-match') && !has(marks('if-match'))) return answer('', { status: 412 });
  if (has(marks('if-none-match'))) {
    return answer('', { status: 304, headers: [['etag', mark]] });
  }
  const response = await get(asked);
  response.headers.set('etag', mark);
  response.headers.set('content-type', TEXT);
  return response;
};

/** /response-headers: what the query says, as headers and as body. */
export const responseHeaders: Handler = ({ query, args }: Asked) => {
  const safe = [...query].filter(
    ([name, value]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[^\r\n\0]*$/.test(value),
  );
  const hasType = safe.some(([name]) => name.toLowerCase() === 'content-type');
  return answer(goJson(args), {
    headers: hasType ? safe : [...safe, ['content-type', JSON_TYPE]],
  });
};
