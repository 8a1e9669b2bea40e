import type { Kind } from '../../../kinds/kind.ts';
import type { KubeObject } from '../../../kinds/object.ts';
import { parseLabelSelector, SelectorError } from '../../../kinds/selectors/labels.ts';
import { badRequest } from '../../errors.ts';

/** Whether an object is wanted. */
export type Filter = (object: KubeObject) => boolean;

/**
 * The filter that a request's labelSelector and fieldSelector make; undefined when everything is wanted.
 * @throws ApiError 400 for selectors that cannot be read and fields that the kind cannot be selected by
 */
export function parseFilter(kind: Kind, query: URLSearchParams, name = ''): Filter | undefined {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const filters: Filter[] = [];
  if (labels !== '') filters.push(labelFilter(labels));
  if (fields !== '') filters.push(fieldFilter(kind, fields));
  if (name !== '') filters.push((object) => object.metadata.name === name);
  if (filters.length === 0) return undefined;
  return (object) => filters.every((filter) => filter(object));
}

function labelFilter(text: string): Filter {
  try {
    const matches = parseLabelSelector(text);
    return (object) => matches(object.metadata.labels);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw badRequest(error.message);
  }
}

interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly isEqual: boolean;
}

function fieldFilter(kind: Kind, text: string): Filter {
  const filters = fieldTerms(text).map(({ field, value, isEqual }): Filter => {
    const read = readerOf(kind, field);
    return (object) => (read(object) === value) === isEqual;
  });
  return (object) => filters.every((filter) => filter(object));
}

/**
 * The name that a field selector asks for, if it asks for one.
 * @throws ApiError 400 for a selector that cannot be read
 */
export function selectedName(query: URLSearchParams): string | undefined {
  const terms = fieldTerms(query.get('fieldSelector') ?? '');
  return terms.find(({ field, isEqual }) => field === 'metadata.name' && isEqual)?.value;
}

/** The terms of a field selector, in the order in which upstream looks at them. */
function fieldTerms(text: string): readonly FieldTerm[] {
  const parts = text.match(/(?:\\.|[^\\,]|\\$)+/gs) ?? [];
  return parts.toSorted().map((part) => {
    const [, field, operator, raw = ''] = /^(.*?)(!=|==|=)(.*)$/s.exec(part) ?? [];
    if (field === undefined) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    }
    return { field, value: unescaped(raw), isEqual: operator !== '!=' };
  });
}

function unescaped(raw: string): string {
  const problem = /\\(?![\\,=])(.?)|(?<!\\)[,=]/su.exec(raw.replaceAll('\\\\', '__'));
  if (problem?.[1] !== undefined) {
    throw badRequest(`invalid field selector: invalid escape sequence: \\${problem[1]}`);
  }
  if (problem) {
    const code = problem[0].codePointAt(0) ?? 0;
    throw badRequest(`invalid field selector: unescaped character in value: ${code}`);
  }
  return raw.replaceAll(/\\([\\,=])/g, '$1');
}

function readerOf(kind: Kind, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  const read = Object.hasOwn(kind.selectableFields, field)
    ? kind.selectableFields[field]
    : undefined;
  if (read) return read;
  throw badRequest(unknownField(kind, field));
}

/** Kinds without fields of their own refuse others in the same words; custom resources and the rest in theirs. */
function unknownField(kind: Kind, field: string): string {
  const isPlain = kind.isCustom !== true && Object.keys(kind.selectableFields).length === 0;
  if (isPlain) {
    return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  const isJob = kind.group === 'batch' && kind.plural === 'jobs';
  return isJob
    ? `field label ${JSON.stringify(field)} not supported for batchv1.Job`
    : `field label not supported: ${field}`;
}
