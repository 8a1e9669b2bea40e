import { numberAt, stringAt } from '../json.ts';
import type { Column, Kind } from '../kind.ts';
/** What the events of core/v1 and of events.k8s.io share. */
import { ageColumn, column, textAt, wideColumn } from '../tables/columns.ts';
import {
  eventFirstSeen,
  eventLastSeen,
  eventObject,
  eventSource,
  involvedObject,
} from './cluster.ts';

export const eventColumns: readonly Column[] = [
  { ...ageColumn, name: 'Last Seen', description: 'When it happened last', cell: eventLastSeen },
  column('Type', 'Normal or Warning', textAt('type')),
  column('Reason', 'Why, in one word', textAt('reason')),
  column('Object', 'What it is about', eventObject),
  wideColumn('Subobject', 'Part of the object that it is about', (event) =>
    stringAt(involvedObject(event), 'fieldPath'),
  ),
  wideColumn('Source', 'Who reports it', eventSource),
  column('Message', 'What happened', (event) =>
    stringAt(event, event.apiVersion === 'v1' ? 'message' : 'note').trim(),
  ),
  wideColumn('First Seen', 'When it happened first', eventFirstSeen),
  wideColumn('Count', 'How often it happened', (event) => {
    const series = numberAt(event, 'series', 'count');
    const count = numberAt(event, event.apiVersion === 'v1' ? 'count' : 'deprecatedCount');
    return series ?? (count === undefined || count === 0 ? 1 : count);
  }),
  { ...wideColumn('Name', 'Name of the event', (event) => event.metadata.name), format: 'name' },
];

/** Field selectors for what an event is about; `field` is its reference: `involvedObject.name`. */
export function referenceFields(field: 'involvedObject' | 'regarding'): Kind['selectableFields'] {
  return Object.fromEntries(
    ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (key) => [`${field}.${key}`, (event: object) => stringAt(event, field, key)],
    ),
  );
}
