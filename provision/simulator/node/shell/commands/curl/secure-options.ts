import type { ToolContext } from '../../../../programs/program.ts';
import { AUTHORITIES_PATH } from '../../authorities.ts';
import type { CurlOptions } from './options.ts';
import type { SecureOptions } from './secure-request.ts';
import type { CurlError } from './transfer.ts';

/** What curl trusts, shows and offers, with the files it was pointed at read; or why it gives up before it connects. */
export function secureOptions(
  options: CurlOptions,
  context: Pick<ToolContext, 'files' | 'env'>,
): SecureOptions | CurlError {
  const authorities = authoritiesOf(options, context);
  if (typeof authorities === 'object') return authorities;
  const { certificateFile, keyFile } = options;
  const certificate = read(certificateFile, context);
  if (certificateFile !== undefined && certificate === undefined) {
    return problem(
      58,
      `could not load PEM client certificate from ${certificateFile}, OpenSSL error ${NO_FILE}, (no key found, wrong pass phrase, or wrong file format?)`,
    );
  }
  const key = read(keyFile, context);
  if (keyFile !== undefined && key === undefined) {
    return problem(58, `unable to set private key file: '${keyFile}' type PEM`);
  }
  return {
    isInsecure: options.isInsecure,
    authorities,
    certificate,
    key,
    protocols: options.http?.startsWith('1') ? ['http/1.1'] : ['h2', 'http/1.1'],
    minVersion: options.minTls,
    maxVersion: options.maxTls,
  };
}

const NO_FILE = 'error:80000002:system library::No such file or directory';

function authoritiesOf(
  options: CurlOptions,
  context: Pick<ToolContext, 'files' | 'env'>,
): string | CurlError {
  const { env } = context;
  const path =
    options.authoritiesFile ?? env['CURL_CA_BUNDLE'] ?? env['SSL_CERT_FILE'] ?? AUTHORITIES_PATH;
  const text = context.files.readText(path);
  if (text !== undefined || options.isInsecure) return text ?? '';
  // An image without the package trusts nobody; a file that was named has to be there.
  if (path === AUTHORITIES_PATH) return '';
  return problem(77, `error adding trust anchors from file: ${path}`);
}

function read(path: string | undefined, { files }: Pick<ToolContext, 'files'>): string | undefined {
  return path === undefined ? undefined : files.readText(path);
}

function problem(exitCode: number, message: string): CurlError {
  return { exitCode, message };
}
