import type { HttpHeaders, HttpResponse } from '../../net/http.ts';
import type { ContainerContext } from '../program.ts';
import { PORT } from './http-service.ts';

/** A GET to another of Bookinfo's services. */
export interface UpstreamCall {
  /** `details`: `DETAILS_HOSTNAME` and `SERVICES_DOMAIN` in the environment name another host, as in the sample. */
  readonly service: string;
  readonly path: string;
  readonly headers: HttpHeaders;
  readonly timeoutMs: number;
}

/** The answer, or undefined when none came in time or no connection was made. */
export async function callUpstream(
  { clock, env, network }: ContainerContext,
  { service, path, headers, timeoutMs }: UpstreamCall,
): Promise<HttpResponse | undefined> {
  const host = upstreamHost(env, service);
  const givenUp = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = clock.after(timeoutMs, () => {
    resolve(undefined);
    givenUp.abort();
  });
  const sent = network.request(
    { host, port: PORT },
    {
      method: 'GET',
      path,
      authority: `${host}:${PORT}`,
      headers,
      body: NOTHING,
      signal: givenUp.signal,
    },
  );
  try {
    return await Promise.race([sent, late]);
  } catch {
    // Whatever the connection failed of, Bookinfo tells its own callers the same.
    return undefined;
  } finally {
    timer[Symbol.dispose]();
    sent.catch(() => undefined);
  }
}

/** The host of a service as the environment has it. */
export function upstreamHost(env: Readonly<Record<string, string>>, service: string): string {
  const domain = env['SERVICES_DOMAIN'] ?? '';
  const host = env[`${service.toUpperCase()}_HOSTNAME`] ?? service;
  return domain === '' ? host : `${host}.${domain}`;
}

const NOTHING = new Uint8Array();
