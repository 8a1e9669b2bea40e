/** All functions that expressions of Kubernetes 1.34 may call, by name. */
import { addresses } from './functions/addresses.ts';
import { authorization } from './functions/authorization.ts';
import { conversions } from './functions/conversions.ts';
import { formats } from './functions/formats.ts';
import { lists, numbers } from './functions/lists.ts';
import { patterns } from './functions/patterns.ts';
import { quantities } from './functions/quantities.ts';
import { strings } from './functions/strings.ts';
import { times } from './functions/times.ts';
import { urls } from './functions/urls.ts';
import { versions } from './functions/versions.ts';
import { operators } from './operators.ts';
import type { Overload } from './overload.ts';
import * as types from './type.ts';
import type { CelType } from './type.ts';

const byName = Map.groupBy(
  [
    ...operators,
    ...conversions,
    ...strings,
    ...lists,
    ...numbers,
    ...patterns,
    ...times,
    ...urls,
    ...addresses,
    ...quantities,
    ...versions,
    ...formats,
    ...authorization,
  ],
  ({ name }) => name,
);

export function overloadsOf(name: string): readonly Overload[] {
  return byName.get(name) ?? [];
}

const NAMED: Readonly<Record<string, CelType>> = {
  bool: types.bool,
  int: types.int,
  uint: types.uint,
  double: types.double,
  string: types.string,
  bytes: types.bytes,
  list: types.listOf(types.dyn),
  map: types.mapOf(types.dyn, types.dyn),
  null_type: types.nullType,
  type: { kind: 'type', of: types.dyn },
  optional_type: types.optionalOf(types.dyn),
  'google.protobuf.Timestamp': types.timestamp,
  'google.protobuf.Duration': types.duration,
  'net.IP': types.opaque('net.IP'),
  'net.CIDR': types.opaque('net.CIDR'),
  'kubernetes.URL': types.opaque('kubernetes.URL'),
  'kubernetes.Quantity': types.opaque('kubernetes.Quantity'),
};

export function typeNamed(name: string): CelType | undefined {
  return Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
}
