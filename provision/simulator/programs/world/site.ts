import type { Clock } from '../../clock.ts';
import { type Caller, HttpHeaders, type HttpRequest, type HttpResponse } from '../../net/http.ts';

/** What a site needs of the cluster whose clients it serves. */
export interface Surroundings {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** A request as a site gets it. */
export interface Visit extends Surroundings {
  readonly request: HttpRequest;
  readonly from: Caller;
  readonly isSecure: boolean;
}

/** A site of the world outside, or what stands in for it. */
export interface Site {
  /** Complete names, and `*.example.com` for all below one. */
  readonly names: readonly string[];
  /** One of the addresses that are kept for documentation (RFC 5737). */
  readonly ip: string;
  readonly answer: (visit: Visit) => Promise<HttpResponse> | HttpResponse;
}

/** The name a client asks for, without its port. */
export function hostOf({ authority }: HttpRequest): string {
  return authority.replace(/:\d+$/, '').toLowerCase();
}

/** A page that says what it stands for. */
export function page(title: string, site: string): HttpResponse {
  const html =
    `<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n` +
    `<h1>${title}</h1>\n<p>This is Regatta's stand-in for ${site}: nothing here comes from the internet.</p>\n` +
    '</body>\n</html>\n';
  return content(200, 'text/html; charset=utf-8', html);
}

/** Indented JSON. */
export function json(status: number, value: object): HttpResponse {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  return content(status, 'application/json; charset=utf-8', text);
}

/** An answer of a type, with its length. */
export function content(status: number, type: string, text: string): HttpResponse {
  const body = Buffer.from(text);
  const headers = new HttpHeaders([
    ['content-type', type],
    ['content-length', String(body.length)],
  ]);
  return { status, headers, body };
}

/** A permanent redirect. */
export function movedTo(location: string): HttpResponse {
  const headers = new HttpHeaders([
    ['location', location],
    ['content-length', '0'],
  ]);
  return { status: 301, headers, body: new Uint8Array() };
}
