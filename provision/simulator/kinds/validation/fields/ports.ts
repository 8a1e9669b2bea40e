/** Ports of containers and services. */
import type { FieldError } from '../../kind.ts';
import type { Json } from '../../object.ts';
import { invalids } from './field-errors.ts';
import { portNameProblems, portNumberProblems } from './names.ts';

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** A reference to a port of a container, by number or by name. */
export function portReferenceErrors(port: Json | undefined, field: string): readonly FieldError[] {
  if (typeof port === 'number') return invalids(field, port, portNumberProblems(port));
  return typeof port === 'string' ? invalids(field, port, portNameProblems(port)) : [];
}
