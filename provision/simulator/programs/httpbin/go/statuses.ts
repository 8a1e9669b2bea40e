import { choose, parseWeighted } from '../weighted.ts';
import {
  answer,
  type Asked,
  type Handler,
  type HeaderEntries,
  JSON_TYPE,
  problem,
  TEXT,
} from './asked.ts';

/** /status/{code}, or one of several by weight: /status/200:3,503:1. */
export const status: Handler = ({ parts: [written = ''], context }) => {
  if (!written.includes(',')) {
    const code = boundedCode(written, 100, 599);
    return typeof code === 'string' ? problem(400, code) : statusAnswer(code);
  }
  const choices = parseWeighted(written);
  if (typeof choices === 'string') return problem(400, choices);
  return statusAnswer(choose(choices, context.random()));
};

/** 500 as often as `failure_rate` says, half of the time by default. */
export const unstable: Handler = ({ query, context }) => {
  const written = query.get('failure_rate') || '0.5';
  const rate = Number(written);
  if (Number.isNaN(rate)) {
    return problem(
      400,
      `invalid failure rate: strconv.ParseFloat: parsing ${JSON.stringify(written)}: invalid syntax`,
    );
  }
  if (rate < 0 || rate > 1) return problem(400, 'invalid failure rate: not in range [0, 1]');
  const code = context.random() < rate ? 500 : 200;
  return answer('', { status: code, headers: [['content-type', TEXT]] });
};

export const redirect: Handler = (asked) =>
  redirected(asked, asked.query.get('absolute')?.toLowerCase() !== 'true');
export const relativeRedirect: Handler = (asked) => redirected(asked, true);
export const absoluteRedirect: Handler = (asked) => redirected(asked, false);

export const redirectTo: Handler = ({ query }) => {
  const url = query.get('url') ?? '';
  if (url === '') return problem(400, 'missing required query parameter: url');
  const written = query.get('status_code');
  const code = written === null || written === '' ? 302 : boundedCode(written, 300, 399);
  return typeof code === 'string' ? problem(400, code) : toPlace(url, code);
};

/** An answer that sends the client elsewhere. */
export function toPlace(location: string, code = 302) {
  return answer('', { status: code, headers: [['location', location]] });
}

function redirected({ parts: [written = ''], url }: Asked, isRelative: boolean) {
  const count = wholeNumber(written);
  if (count === undefined) return problem(400, `invalid redirect count: ${notANumber(written)}`);
  if (count < 1) return problem(400, 'redirect count must be > 0');
  const kind = isRelative ? 'relative' : 'absolute';
  const path = count === 1 ? '/get' : `/${kind}-redirect/${count - 1}`;
  return toPlace(isRelative ? path : new URL(path, url).href);
}

/** The number that Go's strconv.Atoi reads; undefined when it reads none. */
export function wholeNumber(text: string): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What strconv.Atoi says of a text that is no number. */
export function notANumber(text: string, by = 'Atoi'): string {
  return `strconv.${by}: parsing ${JSON.stringify(text)}: invalid syntax`;
}

/** A status code within bounds; a text says why it is none. */
export function boundedCode(text: string, lowest: number, highest: number): number | string {
  const code = wholeNumber(text);
  if (code === undefined)
    return `invalid status code: ${JSON.stringify(text)}: ${notANumber(text)}`;
  const isWithin = code >= lowest && code <= highest;
  return isWithin ? code : `invalid status code: ${code} not in range [${lowest}, ${highest}]`;
}

interface SpecialStatus {
  readonly body?: string;
  readonly headers: HeaderEntries;
}

const ELSEWHERE: SpecialStatus = { headers: [['location', '/redirect/1']] };

const SPECIAL: Readonly<Record<number, SpecialStatus>> = {
  300: {
    body:
      '<!doctype html>\n<head>\n<title>Multiple Choices</title>\n</head>\n<body>\n<ul>\n' +
      '<li><a href="/image/jpeg">/image/jpeg</a></li>\n<li><a href="/image/png">/image/png</a></li>\n' +
      '<li><a href="/image/svg">/image/svg</a></li>\n</body>\n</html>',
    headers: [['location', '/image/jpeg']],
  },
  301: ELSEWHERE,
  302: ELSEWHERE,
  303: ELSEWHERE,
  305: ELSEWHERE,
  307: ELSEWHERE,
  308: {
    body:
      '<!doctype html>\n<head>\n<title>Permanent Redirect</title>\n</head>\n' +
      '<body>Permanently redirected to <a href="/image/jpeg">/image/jpeg</a>\n</body>\n</html>',
    headers: [['location', '/image/jpeg']],
  },
  401: { headers: [['www-authenticate', 'Basic realm="Fake Realm"']] },
  // The original's words are ruder.
  402: { body: 'Pay me!', headers: [['x-more-info', 'http://vimeo.com/22053820']] },
  406: {
    body:
      '{\n  "message": "Client did not request a supported media type",\n  "accept": [\n    "image/webp",\n' +
      '    "image/svg+xml",\n    "image/jpeg",\n    "image/png",\n    "image/"\n  ]\n}\n',
    headers: [['content-type', JSON_TYPE]],
  },
  407: { headers: [['proxy-authenticate', 'Basic realm="Fake Realm"']] },
  418: {
    body: "I'm a teapot!",
    headers: [['x-more-info', 'http://tools.ietf.org/html/rfc2324']],
  },
};

function statusAnswer(code: number) {
  // Go sends these before the answer proper, which then is 200.
  if (code < 200) return answer('');
  const { body = '', headers = [] } = SPECIAL[code] ?? {};
  const hasType = headers.some(([name]) => name === 'content-type');
  return answer(body, {
    status: code,
    headers: hasType ? headers : [['content-type', TEXT], ...headers],
  });
}
