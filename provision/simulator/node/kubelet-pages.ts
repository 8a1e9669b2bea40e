import { HttpHeaders, type HttpRequest, type HttpResponse } from '../net/http.ts';

/** One of the pages that a kubelet serves (kubernetes/pkg/kubelet/server). */
export type KubeletPage = (
  node: string,
  request: HttpRequest,
) => HttpResponse | Promise<HttpResponse>;

/** The pages of all kubelets of a cluster by path, without a query; whoever has something to show adds one. */
export class KubeletPages {
  readonly #pages = new Map<string, KubeletPage>();

  /** Serves a page; a second one of the same path takes its place. */
  add(path: string, serve: KubeletPage): void {
    this.#pages.set(path, serve);
  }

  /** The answer of a node's kubelet; 404 for a path that nobody serves. */
  async answer(node: string, request: HttpRequest): Promise<HttpResponse> {
    const path = request.path.split('?', 1)[0] ?? '';
    const serve = this.#pages.get(path.replace(/(.)\/$/, '$1'));
    if (!serve) return textPage('404 page not found\n', 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return textPage('405: Method Not Allowed', 405);
    }
    return serve(node, request);
  }
}

/** A page of plain text. */
export function textPage(text: string, status = 200): HttpResponse {
  return page('text/plain; charset=utf-8', text, status);
}

/** A page of JSON. */
export function jsonPage(value: object): HttpResponse {
  return page('application/json', JSON.stringify(value), 200);
}

function page(type: string, text: string, status: number): HttpResponse {
  return {
    status,
    headers: new HttpHeaders([['content-type', type]]),
    body: Buffer.from(text, 'utf8'),
  };
}
