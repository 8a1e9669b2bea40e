import { Composer, isNode, Parser, type Document } from 'yaml';

import {
  BODY_LIMIT_DEPTH,
  YAML_LIMIT_ALIASES,
  YAML_LIMIT_BRACKETS,
  YAML_LIMIT_BYTES,
  YAML_LIMIT_REFERENCES,
} from '../../limits.ts';

/** Text that cannot be read, with Go's words for it. */
export class DecodingError extends Error {}

/** Tags of YAML 1.1 that Go's reader does not give values of JSON. */
const WITHOUT = /:(binary|timestamp|set|omap|pairs)$/;

/**
 * Reads the first document of a YAML text by the rules of Go's reader: YAML 1.1, merge keys, `yes` and `0644`.
 * @throws DecodingError for what is no YAML, or more than an API server should unfold
 */
export function decodeYaml(text: string): { value: unknown; problems: readonly string[] } {
  // Reading YAML takes a hundred times what JSON takes, and others wait for it.
  if (text.length > YAML_LIMIT_BYTES) {
    throw new DecodingError(`yaml: document of more than ${YAML_LIMIT_BYTES} bytes; send JSON`);
  }
  refuseExcess(text);
  const document = firstDocument(text);
  if (!document) return { value: null, problems: [] };
  const [error] = document.errors;
  if (error) {
    throw new DecodingError(
      `error converting YAML to JSON: yaml: line ${error.linePos?.[0].line ?? 1}: ${error.message.split(/ at line \d|\n/, 1)[0] ?? ''}`,
    );
  }
  return { value: valueOf(document), problems: [] };
}

/** What would take the reader long, or more of the stack than there is, is seen before it begins. */
function refuseExcess(text: string): void {
  const isDeep = DEEP_LINE.test(text) || (text.match(/[[{]/g)?.length ?? 0) > YAML_LIMIT_BRACKETS;
  if (isDeep) throw new DecodingError('yaml: exceeded max depth of 10000');
  if ((text.match(/[*&!][^\s,*&!]/g)?.length ?? 0) > YAML_LIMIT_REFERENCES) {
    throw new DecodingError('yaml: document contains excessive aliasing');
  }
}

/** A line that begins so far to the right, or with so many list marks, lies too deep. */
const DEEP_LINE = new RegExp(String.raw`^[ \t?-]{${BODY_LIMIT_DEPTH}}`, 'm');

function firstDocument(text: string): Document.Parsed | undefined {
  const composer = new Composer({
    version: '1.1',
    merge: true,
    keepSourceTokens: false,
    // Go takes the last of two equal keys; looking for them costs the square of their number.
    uniqueKeys: false,
    prettyErrors: true,
    customTags: (tags) =>
      tags.filter((tag) => {
        if (typeof tag === 'string') return !WITHOUT.test(`:${tag}`);
        const format = 'format' in tag ? tag.format : undefined;
        return !WITHOUT.test(tag.tag) && format !== 'TIME';
      }),
  });
  for (const document of composer.compose(new Parser().parse(text), false, text.length)) {
    return document;
  }
  return undefined;
}

function valueOf(document: Document.Parsed): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: YAML_LIMIT_ALIASES });
    return isNode(value) ? null : asJson(value, 0);
  } catch (error) {
    if (error instanceof DecodingError) throw error;
    throw new DecodingError('yaml: document contains excessive aliasing', { cause: error });
  }
}

/** The value as JSON has it: keys are text, and numbers that JSON lacks are none. */
function asJson(value: unknown, depth: number): unknown {
  if (depth > BODY_LIMIT_DEPTH) throw new DecodingError('yaml: exceeded max depth of 10000');
  if (Array.isArray(value)) return value.map((item) => asJson(item, depth + 1));
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new DecodingError(`json: unsupported value: ${value}`);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), asJson(item, depth + 1)]));
}
