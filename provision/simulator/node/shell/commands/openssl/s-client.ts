import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';

import { NetworkError, type NetworkErrorCode } from '../../../../net/network.ts';
import type { ToolContext, ToolResult } from '../../../../programs/program.ts';
import { AUTHORITIES_PATH } from '../../authorities.ts';
import { output, refusal } from '../answer.ts';
import { type SecureOptions, startTls } from '../curl/secure-request.ts';
import { untilAborted } from '../until-aborted.ts';
import { certificatesIn, distinguishedName, keyText } from './names.ts';

const WITH_VALUE: ReadonlySet<string> = new Set([
  '-connect',
  '-servername',
  '-CAfile',
  '-cert',
  '-key',
  '-alpn',
  '-verify',
  '-host',
  '-port',
]);
/** How long the other side has for an answer before the client, whose input has ended, goes. */
const ANSWER_WAIT_MS = 500;
const ANSWER_LIMIT_BYTES = 1024 * 1024;

interface Asked {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** Those it trusts, as PEM; kept from Node, which would take them for what the server has sent. */
  readonly authorities: string;
  readonly showsAll: boolean;
  readonly isQuiet: boolean;
  readonly secure: SecureOptions;
  readonly alpn: readonly string[];
}

/** `openssl s_client -connect HOST:PORT`: shows how TLS was agreed on, then hands standard input on (openssl-s_client(1ssl)). */
export async function sClient(args: readonly string[], context: ToolContext): Promise<ToolResult> {
  const asked = parse(args, context);
  const { host, port } = asked;
  let secure: TLSSocket | undefined;
  try {
    const socket = await untilAborted(
      context.network.connect({ host, port }, context.signal),
      context.signal,
    );
    secure = startTls(socket, asked.serverName, asked.secure, asked.alpn);
    await untilAborted(once(secure, 'secureConnect'), context.signal);
    const told = handshakeText(secure, asked);
    const answer = await converse(secure, context);
    return {
      stdout: `CONNECTED(00000003)\n${told.stdout}${answer}`,
      stderr: told.stderr,
      exitCode: 0,
    };
  } catch (error) {
    if (context.signal.aborted) return output('', 130);
    if (error instanceof NetworkError) return refusal(`${REASONS[error.code]}\nconnect:errno=111`);
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    const told = message.includes(':error:') ? message : 'write:errno=104';
    return {
      stdout: `CONNECTED(00000003)\n${NO_CERTIFICATE}`,
      stderr: `${told}\n`,
      exitCode: 1,
    };
  } finally {
    secure?.destroy();
  }
}

const NO_CERTIFICATE = [
  '---',
  'no peer certificate available',
  '---',
  'No client certificate CA names sent',
  '---',
  'Verification: OK',
  '---',
  'New, (NONE), Cipher is (NONE)',
  'Verify return code: 0 (ok)',
  '---',
  '',
].join('\n');

const REASONS: Readonly<Record<NetworkErrorCode, string>> = {
  ENOTFOUND: 'BIO_lookup_ex: Name or service not known',
  ECONNREFUSED: 'BIO_connect:Connection refused',
  EHOSTUNREACH: 'BIO_connect:No route to host',
  ETIMEDOUT: 'BIO_connect:Connection timed out',
  ECONNRESET: 'BIO_connect:Connection reset by peer',
};

function parse(args: readonly string[], { files }: ToolContext): Asked {
  const values = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    if (WITH_VALUE.has(arg)) values.set(arg, args[index + 1] ?? '');
  }
  const read = (name: string) => {
    const path = values.get(name);
    return path === undefined ? undefined : files.readText(path);
  };
  const { host, port } = placeIn(values, args);
  return {
    host,
    port,
    serverName: values.get('-servername') ?? host,
    authorities: read('-CAfile') ?? files.readText(AUTHORITIES_PATH) ?? '',
    showsAll: args.includes('-showcerts'),
    isQuiet: args.includes('-quiet') || args.includes('-brief'),
    alpn: values.get('-alpn')?.split(',') ?? [],
    secure: {
      isInsecure: true,
      certificate: read('-cert'),
      key: read('-key'),
      ...(args.includes('-tls1_2') && { maxVersion: 'TLSv1.2' as const }),
      ...(args.includes('-tls1_3') && { minVersion: 'TLSv1.3' as const }),
    },
  };
}

function placeIn(values: ReadonlyMap<string, string>, args: readonly string[]) {
  const place = values.get('-connect') ?? args.find((arg) => /^[^-].*:\d+$/.test(arg)) ?? '';
  const [, name = place, port = '4433'] = /^(.*):(\d+)$/.exec(place) ?? [];
  const host = (values.get('-host') ?? name) || 'localhost';
  return { host, port: Number(values.get('-port') ?? port) };
}

function handshakeText(secure: TLSSocket, { showsAll, isQuiet, authorities }: Asked) {
  const chain = chainOf(secure);
  const [own] = chain;
  const problem = problemOf(chain, authorities);
  const stderr = chain
    .toReversed()
    .map((one, index) => `depth=${chain.length - 1 - index} ${distinguishedName(one.subject)}\n`)
    .join('');
  const verified = problem ? `verify error:num=${problem.number}:${problem.words}\n` : '';
  if (isQuiet) return { stdout: '', stderr: `${stderr}${verified}` };
  const code = problem ? `${problem.number} (${problem.words})` : '0 (ok)';
  const protocol = secure.getProtocol() ?? '';
  const stdout = [
    '---',
    'Certificate chain',
    ...chain.map((one, index) => linkText(one, index, showsAll)),
    '---',
    'Server certificate',
    ...(own && !showsAll ? [own.toString().trimEnd()] : []),
    `subject=${distinguishedName(own?.subject)}`,
    `issuer=${distinguishedName(own?.issuer)}`,
    '---',
    problem ? `Verification error: ${problem.words}` : 'Verification: OK',
    '---',
    `New, ${protocol}, Cipher is ${secure.getCipher().standardName}`,
    secure.alpnProtocol ? `ALPN protocol: ${secure.alpnProtocol}` : 'No ALPN negotiated',
    `Verify return code: ${code}`,
    '---',
    '',
  ].join('\n');
  return { stdout, stderr: `${stderr}${verified}verify return:1\n` };
}

function linkText(one: X509Certificate, index: number, showsAll: boolean): string {
  return [
    ` ${index} s:${distinguishedName(one.subject)}`,
    `   i:${distinguishedName(one.issuer)}`,
    `   a:PKEY: ${keyText(one)}; sigalg: ${one.signatureAlgorithm ?? 'unknown'}`,
    `   v:NotBefore: ${one.validFrom}; NotAfter: ${one.validTo}`,
    ...(showsAll ? [one.toString().trimEnd()] : []),
  ].join('\n');
}

/** What the server has sent, its own certificate first. */
function chainOf(secure: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = secure.getPeerCertificate(true);
  while (next?.raw && !chain.some((one) => one.raw.equals(next.raw))) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return chain;
}

/** Why OpenSSL does not take a chain for good (X509_V_ERR_…); names are nothing that s_client looks at. */
function problemOf(chain: readonly X509Certificate[], authorities: string) {
  const last = chain.at(-1);
  if (!last) return undefined;
  const isKnown = certificatesIn(authorities).some(
    (one) => one.raw.equals(last.raw) || (last.checkIssued(one) && last.verify(one.publicKey)),
  );
  if (isKnown) return undefined;
  if (last.checkIssued(last)) {
    return chain.length === 1
      ? { number: 18, words: 'self-signed certificate' }
      : { number: 19, words: 'self-signed certificate in certificate chain' };
  }
  return chain.length === 1
    ? { number: 21, words: 'unable to verify the first certificate' }
    : { number: 20, words: 'unable to get local issuer certificate' };
}

/** Sends standard input on and gives what comes back; without input, or once it is over, the conversation ends. */
async function converse(secure: TLSSocket, { stdin, clock, signal }: ToolContext): Promise<string> {
  if (stdin.length === 0) return 'DONE\n';
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', finish);
      resolve(`${String(Buffer.concat(chunks))}${secure.readableEnded ? 'closed\n' : 'DONE\n'}`);
    };
    const timer = clock.after(ANSWER_WAIT_MS, finish);
    signal.addEventListener('abort', finish, { once: true });
    secure.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= ANSWER_LIMIT_BYTES) chunks.push(chunk);
    });
    secure.once('end', finish);
    secure.once('close', finish);
    secure.write(stdin);
  });
}
