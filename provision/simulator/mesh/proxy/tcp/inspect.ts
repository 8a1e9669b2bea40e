import type { Duplex } from 'node:stream';

import type { Listener } from '../../xds/listener.ts';
import type { ConnectionFacts } from '../listener/choose-chain.ts';
import { readClientHello } from '../tls/client-hello.ts';

/** What the first bytes of a connection tell. */
export type Inspected = Pick<ConnectionFacts, 'serverName' | 'transport' | 'applicationProtocols'>;

/** A connection of which nothing is known, or of which nobody needs to know. */
export const UNINSPECTED: Inspected = {
  serverName: undefined,
  transport: 'raw_buffer',
  applicationProtocols: [],
};

/** Longest request line that is waited for before a connection counts as something else than HTTP. */
const INSPECTED_LIMIT_BYTES = 64 * 1024;

/**
 * Whether a listener looks at first bytes at all. One that does not connects at once, so that servers which speak first can; one
 * that does waits for the client for as long as it takes (protocolDetectionTimeout 0,
 * https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols).
 */
export function looksAtBytes({ chains }: Pick<Listener, 'chains'>): boolean {
  return chains.some(
    ({ match, tls }) =>
      match.transport === 'tls' ||
      match.applicationProtocols !== undefined ||
      (match.serverNames?.length ?? 0) > 0 ||
      tls !== undefined,
  );
}

/**
 * Looks at the first bytes of a connection and puts them back: TLS with its SNI and ALPN, HTTP/1.1, HTTP/2 by its preface, or
 * something else. undefined when the client has gone before enough had come (Envoy's listener filters tls_inspector, http_inspector).
 */
export function inspect(connection: Duplex): Promise<Inspected | undefined> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (inspected: Inspected | undefined) => {
      connection.off('readable', onReadable);
      connection.off('end', onGone);
      connection.off('close', onGone);
      if (inspected && bytes.length > 0) connection.unshift(bytes);
      resolve(inspected);
    };
    const onGone = () => finish(bytes.length > 0 ? UNINSPECTED : undefined);
    const onReadable = () => {
      for (;;) {
        const chunk: unknown = connection.read();
        if (!Buffer.isBuffer(chunk)) return;
        bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
        const inspected = inspectBytes(bytes);
        if (inspected) {
          finish(inspected);
          return;
        }
      }
    };
    connection.on('readable', onReadable);
    connection.once('end', onGone);
    connection.once('close', onGone);
  });
}

/** What bytes are; undefined when more are needed to know. */
export function inspectBytes(bytes: Buffer): Inspected | undefined {
  const read = readClientHello(bytes);
  if (read.type === 'incomplete') return undefined;
  if (read.type === 'hello') return { transport: 'tls', ...read.hello };
  const protocol = httpProtocol(bytes);
  if (protocol === 'incomplete') return undefined;
  return { ...UNINSPECTED, applicationProtocols: protocol === 'other' ? [] : [protocol] };
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** Names of methods are tokens (RFC 9110, section 9.1); the longest that is registered has 17 letters. */
const METHOD = /^[A-Z][A-Z-]{0,19}( |$)/;

function httpProtocol(bytes: Buffer): 'http/1.0' | 'http/1.1' | 'h2c' | 'incomplete' | 'other' {
  const start = bytes.toString('latin1', 0, PREFACE.length);
  if (start === PREFACE) return 'h2c';
  if (PREFACE.startsWith(start)) return 'incomplete';
  if (!METHOD.test(start.slice(0, 21))) return 'other';
  const end = bytes.indexOf('\n');
  if (end < 0) return bytes.length < INSPECTED_LIMIT_BYTES ? 'incomplete' : 'other';
  const [, version] = / HTTP\/(1\.[01])\r?$/.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (version === undefined) return 'other';
  return version === '1.0' ? 'http/1.0' : 'http/1.1';
}
