import type { Kind } from '../../kinds/kind.ts';
import { parseLabelSelector, SelectorError } from '../../kinds/labels.ts';
import type { KubeObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';

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
    throw badRequest(
      `unable to parse requirement: ${error.message}`.replace(
        'unable to parse requirement: unable',
        'unable',
      ),
    );
  }
}

function fieldFilter(kind: Kind, text: string): Filter {
  const terms = text.split(/(?<!\\),/).map((term) => parseTerm(kind, term));
  return (object) => terms.every((term) => term(object));
}

function parseTerm(kind: Kind, term: string): Filter {
  const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/s.exec(term.trim());
  if (!match) {
    throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  }
  const [, field = '', operator = '', raw = ''] = match;
  const value = raw.replaceAll(/\\([\\,=])/g, '$1');
  const read = readerOf(kind, field);
  const isEqual = operator !== '!=';
  return (object) => (read(object) === value) === isEqual;
}

function readerOf(kind: Kind, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  const read = kind.selectableFields[field];
  if (read) return read;
  const hasOwn = Object.keys(kind.selectableFields).length > 0;
  throw badRequest(
    hasOwn
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}
