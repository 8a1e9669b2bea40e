/** The columns of events, which core/v1 and events.k8s.io share. */
import { ageColumn, column, textAt, wideColumn } from '../columns.ts';
import { numberAt, objectAt, stringAt } from '../json.ts';
import type { Column } from '../kind.ts';
import { eventFirstSeen, eventLastSeen, eventObject, eventSource } from './cluster.ts';

export const eventColumns: readonly Column[] = [
  { ...ageColumn, name: 'Last Seen', description: 'When it happened last', cell: eventLastSeen },
  column('Type', 'Normal or Warning', textAt('type')),
  column('Reason', 'Why, in one word', textAt('reason')),
  column('Object', 'What it is about', eventObject),
  wideColumn('Subobject', 'Part of the object that it is about', (event) =>
    stringAt(
      objectAt(event, event.apiVersion === 'v1' ? 'involvedObject' : 'regarding'),
      'fieldPath',
    ),
  ),
  wideColumn('Source', 'Who reports it', eventSource),
  column('Message', 'What happened', (event) =>
    stringAt(event, event.apiVersion === 'v1' ? 'message' : 'note').trim(),
  ),
  wideColumn('First Seen', 'When it happened first', eventFirstSeen),
  {
    ...wideColumn('Count', 'How often it happened', (event) => {
      const series = numberAt(event, 'series', 'count');
      const count = numberAt(event, event.apiVersion === 'v1' ? 'count' : 'deprecatedCount');
      return series ?? (count === undefined || count === 0 ? 1 : count);
    }),
    type: 'string',
  },
  { ...wideColumn('Name', 'Name of the event', (event) => event.metadata.name), format: 'name' },
];
