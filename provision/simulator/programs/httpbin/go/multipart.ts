import { type Values, valuesOf } from './asked.ts';

/** Most parts of one form that are read. */
const PARTS_LIMIT = 100;

/** Fields and files of a form (RFC 7578); undefined when the content type names no boundary. */
export function parseMultipart(
  body: Uint8Array,
  contentType: string,
): { readonly form: Values; readonly files: Values } | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const sections = Buffer.from(body)
    .toString('latin1')
    .split(`--${boundary}`, PARTS_LIMIT + 1);
  const form: [string, string][] = [];
  const files: [string, string][] = [];
  for (const section of sections.slice(1)) {
    const end = section.indexOf('\r\n\r\n');
    const head = section.slice(0, end);
    const name = /\bname="([^"]*)"/.exec(head)?.[1];
    if (end < 0 || name === undefined) continue;
    const content = section.slice(end + 4).replace(/\r\n$/, '');
    const text = Buffer.from(content, 'latin1').toString();
    (/\bfilename="/.test(head) ? files : form).push([name, text]);
  }
  return { form: valuesOf(form), files: valuesOf(files) };
}
