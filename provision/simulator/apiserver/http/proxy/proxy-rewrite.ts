/** Links in proxied answers, so that they lead through the proxy again (apimachinery, util/proxy/transport). */

/** A URL's place in an answer of `https://API-SERVER/…/proxy/…`. */
export interface ProxyPlace {
  /** Path up to and with `/proxy`. */
  readonly prefix: string;
  /** Host and port of the target. */
  readonly targetHost: string;
  /** Host that the client asked for. */
  readonly requestHost: string;
}

/** The URL as the client has to ask for it; what is relative or leads elsewhere stays as it is. */
export function rewriteUrl(text: string, place: ProxyPlace): string {
  const match = /^(?:(https?:)?\/\/([^/?#]*))?(\/[^?#]*)?([?#].*)?$/s.exec(text);
  const [, , host, path = '', rest = ''] = match ?? [];
  if (!match || path === '') return text;
  if (host !== undefined && host !== place.targetHost && host !== place.requestHost) return text;
  if (host === place.requestHost && path.startsWith(place.prefix)) return text;
  return `${path.startsWith(place.prefix) ? '' : place.prefix}${path}${rest}`;
}

/** Attributes of HTML that hold URLs. */
const LINK =
  /(<[a-z][^<>]*?\s(?:href|src|action|formaction|background|cite|data|poster|manifest)\s*=\s*)("[^"]*"|'[^']*')/gi;

/** A page with its links rewritten. */
export function rewriteHtml(html: string, place: ProxyPlace): string {
  let text = html;
  // A tag may hold several links; each pass does the first one of each that has not been done.
  for (let pass = 0; pass < LINKS_OF_A_TAG; pass++) {
    const next = text.replaceAll(LINK, (whole, head: string, quoted: string) => {
      const mark = quoted.charAt(0);
      const url = rewriteUrl(quoted.slice(1, -1), place);
      return url === quoted.slice(1, -1) ? whole : `${head}${mark}${url}${mark}`;
    });
    if (next === text) return next;
    text = next;
  }
  return text;
}

const LINKS_OF_A_TAG = 2;
