import type { IncomingMessage } from 'node:http';

import { parse as parseYaml } from 'yaml';

import { parseStrict } from '../../kinds/decode.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { badRequest, timedOut, tooLarge, unsupportedMediaType } from '../errors.ts';
import { BODY_LIMIT_BYTES, BODY_LIMIT_MS } from '../limits.ts';
import { isObject } from '../objects/json.ts';
import { decodeProtobuf, PROTOBUF_TYPE } from '../protobuf/decode.ts';

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
  request.on('close', () => reject(badRequest('unexpected EOF')));
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
 * @throws ApiError 415 for other types, 400 for what cannot be read, 413 when it is too large
 */
export async function readObjectBody(request: IncomingMessage): Promise<Body> {
  return decodeObject(await readBytes(request), mediaType(request));
}

/** As `readObjectBody`, where a body may be missing: DELETE. */
export async function readOptionalBody(request: IncomingMessage): Promise<Body> {
  const bytes = await readBytes(request);
  return bytes.length === 0 ? { value: {}, problems: [] } : decodeObject(bytes, mediaType(request));
}

/** Reads JSON or YAML into plain values; for patches, which are no objects of the API. */
export function decodePlain(
  bytes: Buffer,
  type: string,
): { value: unknown; problems: readonly string[] } {
  const text = bytes.toString('utf8');
  try {
    if (type.endsWith('yaml') && !text.trimStart().startsWith('{')) {
      const value: unknown = parseYaml(text);
      return { value, problems: [] };
    }
    const { value, problems } = parseStrict(text);
    return { value, problems: problems.map(({ message }) => message) };
  } catch (cause) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

function decodeObject(bytes: Buffer, type: string): Body {
  if (type === PROTOBUF_TYPE) return { value: decodeProtobuf(bytes), problems: [] };
  if (!ACCEPTED.includes(type)) throw unsupportedMediaType(ACCEPTED);
  const { value, problems } = decodePlain(bytes, type);
  if (!isObject(value)) {
    throw badRequest("couldn't get version/kind; json parse error: the body is no object");
  }
  return { value, problems };
}
