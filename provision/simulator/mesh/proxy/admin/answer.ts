import { HttpHeaders, type HttpResponse } from '../../../net/http.ts';

/** A page in plain text, or of another type. */
export function answer(
  status: number,
  body: string,
  type = 'text/plain; charset=UTF-8',
): HttpResponse {
  const bytes = Buffer.from(body);
  const headers = new HttpHeaders([
    ['content-type', type],
    ['content-length', String(bytes.length)],
  ]);
  return { status, headers, body: bytes };
}

/** A page in JSON, laid out as Envoy does it. */
export function json(value: object): HttpResponse {
  return answer(200, `${JSON.stringify(value, undefined, 1)}\n`, 'application/json');
}
