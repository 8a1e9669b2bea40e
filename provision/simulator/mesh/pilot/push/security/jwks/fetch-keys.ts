import { HttpHeaders, type HttpResponse } from '../../../../../net/http.ts';
import type { NetworkInterface } from '../../../../../net/network.ts';
import { requestSecurely } from '../../../../../node/shell/commands/curl/secure-request.ts';
import { REDIRECTS_LIMIT } from '../limits.ts';

/** Where istiod is, as far as fetching goes. */
export interface Fetcher {
  readonly network: NetworkInterface;
  /** Authorities of the image, as PEM. */
  readonly authorities: () => string;
}

/** Reads a document of an identity provider, from a pod of the cluster or a site outside. Rejects when there is none. */
export async function fetchText(
  url: string,
  fetcher: Fetcher,
  signal: AbortSignal,
): Promise<string> {
  let place = new URL(url);
  for (let redirects = 0; redirects <= REDIRECTS_LIMIT; redirects++) {
    const { status, headers, body } = await get(place, fetcher, signal);
    const location = headers.get('location');
    if (status >= 300 && status < 400 && location !== undefined) {
      place = new URL(location, place);
      continue;
    }
    if (status >= 200 && status < 300) return Buffer.from(body).toString('utf8');
    throw new Error(`unsuccessful response from ${url}: status ${status}`);
  }
  throw new Error(`stopped after ${REDIRECTS_LIMIT} redirects`);
}

function get(
  url: URL,
  { network, authorities }: Fetcher,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const isSecure = url.protocol === 'https:';
  const request = {
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    authority: url.host,
    headers: new HttpHeaders([['user-agent', 'Go-http-client/1.1']]),
    body: new Uint8Array(),
    signal,
  };
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  const target = { host: url.hostname, port };
  if (!isSecure) return network.request(target, request);
  const secure = { isInsecure: false, authorities: authorities() };
  return requestSecurely(network, { ...target, serverName: url.hostname }, request, secure);
}
