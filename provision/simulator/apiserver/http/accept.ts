/** The form in which a client wants its answer. */
export type Form = 'object' | 'table' | 'metadata';

/**
 * The first form of the Accept header that we have. Everything else gets JSON: clients always name it as well, but for
 * the protobuf-only ones, of which there are none among resources.
 */
export function formOf(accept: string | undefined): Form {
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const as = parameters.find((text) => text.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
  }
  return 'object';
}
