import { stringAt } from '../json.ts';
import type { Column } from '../kind.ts';
/** Columns of server-side tables that many kinds share, and short ways to write the others. */
import { age } from '../values/age.ts';

type Cell = Column['cell'];

/** A column with text that is always shown. */
export function column(name: string, description: string, cell: Cell): Column {
  return { name, type: 'string', description, priority: 0, cell };
}

/** A column with whole numbers that is always shown. */
export function integerColumn(name: string, description: string, cell: Cell): Column {
  return { ...column(name, description, cell), type: 'integer' };
}

/** A column that is shown with `-o wide` only. */
export function wideColumn(name: string, description: string, cell: Cell): Column {
  return { ...column(name, description, cell), priority: 1 };
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among its kind within the namespace',
  priority: 0,
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = column(
  'Age',
  'Time since the object was created',
  (object, nowMs) => age(object.metadata.creationTimestamp, nowMs),
);

/** What kinds without columns of their own show. */
export const createdAtColumn: Column = {
  ...column(
    'Created At',
    'When the object was created',
    (object) => object.metadata.creationTimestamp,
  ),
  type: 'date',
};

/** A cell with the text at `path`, empty when there is none. */
export function textAt(...path: readonly string[]): Cell {
  return (object) => stringAt(object, ...path);
}

/** A cell with the text at `path`, `otherwise` when there is none. */
export function textOr(otherwise: string, ...path: readonly string[]): Cell {
  return (object) => stringAt(object, ...path) || otherwise;
}
