import type { IncomingMessage } from 'node:http';

import { parseStrict } from '../../../kinds/decoding/decode.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { badRequest, timedOut, tooLarge, unsupportedMediaType } from '../../errors.ts';
import { BODY_LIMIT_BYTES, BODY_LIMIT_DEPTH, BODY_LIMIT_MS } from '../../limits.ts';
import { isObject } from '../../objects/json.ts';
import { decodeProtobuf, PROTOBUF_TYPE } from '../../protobuf/decode.ts';
import { goJsonError } from './go-json-error.ts';
import { decodeYaml, DecodingError } from './yaml-body.ts';

/** A decoded body and what a strict decoder has against it. */
export interface Body {
  readonly value: JsonObject;
  readonly problems: readonly string[];
}

const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF_TYPE];

/**
 * All bytes of a request's body.
 * @throws ApiError 413 when there are more than the limit, 504 when they take too long
 */
export async function readBytes(
  request: IncomingMessage,
  limitBytes = BODY_LIMIT_BYTES,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limitBytes) throw tooLarge(limitBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(timedOut()), BODY_LIMIT_MS);
  timer.unref();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
    else reject(tooLarge(limitBytes));
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', reject);
  const cut = () => reject(badRequest('unexpected EOF'));
  request.on('close', cut);
  if (request.destroyed) cut();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The media type of the body, without parameters; JSON when nothing is said. */
export function mediaType(request: IncomingMessage): string {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

/**
 * Reads an object: JSON, YAML or Kubernetes' protobuf.
 * @param kind what it must be, for the message about what cannot be read
 * @throws ApiError 415 for other types, 400 for what cannot be read, 413 when it is too large
 */
export async function readObjectBody(request: IncomingMessage, kind?: string): Promise<Body> {
  return decodeObject(await readBytes(request), mediaType(request), kind);
}

/** As `readObjectBody`, where a body may be missing: DELETE. */
export async function readOptionalBody(request: IncomingMessage): Promise<Body> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return { value: {}, problems: [] };
  return decodeObject(bytes, mediaType(request), 'DeleteOptions');
}

/**
 * Reads JSON or YAML into plain values; for patches, which are no objects of the API.
 * @throws ApiError 400 for what cannot be read
 */
export function decodePlain(
  bytes: Buffer,
  type: string,
): { value: unknown; problems: readonly string[] } {
  try {
    return decodeText(bytes, type);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    const prefix = PATCH_PREFIXES[type] ?? '';
    throw badRequest(`${prefix}${error.message}`);
  }
}

/** What upstream writes in front when it cannot read a patch of a type. */
const PATCH_PREFIXES: Readonly<Record<string, string>> = {
  'application/json-patch+json': 'error decoding patch: ',
  'application/merge-patch+json': 'error decoding patch: ',
  'application/apply-patch+yaml': 'error decoding YAML: ',
};

function decodeObject(bytes: Buffer, type: string, kind: string | undefined): Body {
  if (!ACCEPTED.includes(type)) throw unsupportedMediaType(ACCEPTED);
  if (type === PROTOBUF_TYPE) return { value: decodeProtobuf(bytes), problems: [] };
  try {
    const { value, problems } = decodeText(bytes, type);
    if (isObject(value)) return { value, problems };
    throw new DecodingError(`json: cannot unmarshal ${goType(value)} into Go value of type struct`);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    const isJson = type === 'application/json';
    const why = `${isJson ? "couldn't get version/kind; json parse error: " : ''}${error.message}`;
    if (kind === undefined) throw badRequest(why);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${why} (${summaryOf(bytes)})`,
    );
  }
}

/** @throws DecodingError for what is no JSON or YAML */
function decodeText(bytes: Buffer, type: string) {
  const text = bytes.toString('utf8');
  if (type.endsWith('yaml') && !text.trimStart().startsWith('{')) return decodeYaml(text);
  if (depthOf(bytes) > BODY_LIMIT_DEPTH) throw new DecodingError('exceeded max depth');
  try {
    const { value, problems } = parseStrict(text);
    return { value, problems: problems.map(({ message }) => message) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DecodingError(goJsonError(bytes) ?? error.message);
  }
}

/** How deep objects and lists lie in each other, at most; brackets in strings do not count. */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (isInString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function goType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The beginning of a body that could not be read (apiserver, `summarizeData`). */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, SUMMARY_BYTES);
  const text = start.toString(start[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_BYTES ? `${text} ...` : text;
}

const SUMMARY_BYTES = 30;
