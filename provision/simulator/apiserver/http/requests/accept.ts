import { notAcceptable } from '../../errors.ts';

/** The form in which a client wants its answer. */
export type Form = 'object' | 'table' | 'metadata';

const TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/yaml',
  'application/*',
  '*/*',
]);

/** What the refusal names: upstream's list. */
const NAMED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/**
 * The first form of the Accept header that we have. Protobuf is none of them: clients that prefer it name JSON as well.
 * @throws ApiError 406 when there is none
 */
export function formOf(accept: string | undefined): Form {
  if (accept === undefined || accept.trim() === '') return 'object';
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    if (!TYPES.has(type)) continue;
    const as = parameters.find((text) => text.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
  }
  throw notAcceptable(NAMED);
}

/** Whether the first type that the client names, and that we have, is YAML. */
export function wantsYaml(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((part) => part.split(';', 1)[0]?.trim() ?? '');
  return types.find((type) => TYPES.has(type)) === 'application/yaml';
}
