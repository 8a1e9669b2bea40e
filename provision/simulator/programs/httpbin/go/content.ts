import { SAMPLE_JSON, SAMPLE_PAGE, SAMPLE_PNG, SAMPLE_SVG, SAMPLE_XML } from '../samples.ts';
import { answer, type Handler, HTML, JSON_TYPE, problem, TEXT } from './asked.ts';

export const index: Handler = () =>
  fixed(
    HTML,
    '<!DOCTYPE html>\n<html>\n<head><title>go-httpbin</title></head>\n<body>\n' +
      "<h1>go-httpbin</h1>\n<p>This is the Regatta simulator's go-httpbin. Try /get, /headers, /status/418, " +
      '/delay/2 or /anything.</p>\n</body>\n</html>\n',
  );

export const formsPost: Handler = () =>
  fixed(
    HTML,
    '<!DOCTYPE html>\n<html>\n<body>\n<form method="post" action="/post">\n' +
      '<p><label>Customer name: <input name="custname"></label></p>\n' +
      '<p><label>Comments: <textarea name="comments"></textarea></label></p>\n' +
      '<p><button>Submit order</button></p>\n</form>\n</body>\n</html>\n',
  );

export const utf8: Handler = () =>
  fixed(
    HTML,
    '<h1>Unicode Demo</h1>\n<pre>\n∮ E⋅da = Q,  n → ∞, ∑ f(i) = ∏ g(i)\nგთხოვთ  ያዩት  สวัสดี  你好\n</pre>\n',
  );

export const page: Handler = () => fixed(HTML, SAMPLE_PAGE);
export const json: Handler = () => fixed(JSON_TYPE, SAMPLE_JSON);
export const xml: Handler = () => fixed('application/xml', SAMPLE_XML);
export const robots: Handler = () => fixed(TEXT, 'User-agent: *\nDisallow: /deny\n');
export const deny: Handler = () => fixed(TEXT, "YOU SHOULDN'T BE HERE");

/** /image: the kind the client takes, PNG by default. */
export const acceptedImage: Handler = ({ request }) => {
  const accept = request.headers.get('accept') ?? '';
  if (accept === '' || /image\/(\*|png)/.test(accept)) return image('png');
  if (accept.includes('image/webp')) return image('webp');
  if (accept.includes('image/svg+xml')) return image('svg');
  return accept.includes('image/jpeg') ? image('jpeg') : problem(415);
};

export const imageOfKind: Handler = ({ parts: [kind = ''] }) => image(kind);

function image(kind: string) {
  if (kind === 'png') return fixed('image/png', SAMPLE_PNG);
  if (kind === 'svg') return fixed('image/svg+xml', SAMPLE_SVG);
  if (kind !== 'jpeg' && kind !== 'webp') return problem(404);
  return problem(501, `the Regatta simulator's httpbin has images in PNG and SVG, not in ${kind}`);
}

function fixed(type: string, content: string | Uint8Array) {
  return answer(content, { headers: [['content-type', type]] });
}
