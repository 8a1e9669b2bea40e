import { isIP } from 'node:net';

import type { FieldError } from '../../kind.ts';
import type { Json } from '../../object.ts';
import { invalid } from './field-errors.ts';

/** What an IP address, of either family, has against it. */
export function ipErrors(ip: Json, field: string): readonly FieldError[] {
  return typeof ip === 'string' && isIP(ip) !== 0
    ? []
    : [invalid(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}
