/** Where containers mount volumes and find devices. */
import { listAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json } from '../../object.ts';
import { invalid, notFound, required } from '../fields/field-errors.ts';

/** What `volumeMounts` and `volumeDevices` have against them; `volumes` are the names they may use. */
export function mountErrors(
  container: Json,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const paths = new Set<string>();
  return [
    ...listAt(container, 'volumeMounts').flatMap((mount, i) => [
      ...placeErrors(mount, `${field}.volumeMounts[${i}]`, 'mountPath', { volumes, paths }),
      ...subPathErrors(mount, `${field}.volumeMounts`),
    ]),
    ...listAt(container, 'volumeDevices').flatMap((device, i) =>
      placeErrors(device, `${field}.volumeDevices[${i}]`, 'devicePath', {
        volumes,
        paths: new Set(),
      }),
    ),
  ];
}

function placeErrors(
  place: Json,
  field: string,
  pathKey: 'mountPath' | 'devicePath',
  { volumes, paths }: { readonly volumes: ReadonlySet<string>; readonly paths: Set<string> },
): readonly FieldError[] {
  const name = stringAt(place, 'name');
  const path = stringAt(place, pathKey);
  const isTaken = paths.has(path);
  paths.add(path);
  return [
    ...(name === '' ? [required(`${field}.name`)] : []),
    ...(volumes.has(name) ? [] : [notFound(`${field}.name`, name)]),
    ...(path === '' ? [required(`${field}.${pathKey}`)] : []),
    ...(isTaken ? [invalid(`${field}.${pathKey}`, path, 'must be unique')] : []),
  ];
}

// Upstream names the list, not its item, in these.
function subPathErrors(mount: Json, field: string): readonly FieldError[] {
  const path = stringAt(mount, 'subPath');
  const expression = stringAt(mount, 'subPathExpr');
  const both = path !== '' && expression !== '';
  return [
    ...descendingErrors(path, `${field}.subPath`),
    ...(both
      ? [
          invalid(
            `${field}.subPathExpr`,
            expression,
            'subPathExpr and subPath are mutually exclusive',
          ),
        ]
      : []),
    ...descendingErrors(expression, `${field}.subPathExpr`),
  ];
}

/** What a path that must lead downwards has against it. */
export function descendingErrors(path: string, field: string): readonly FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...backstepErrors(path, field),
  ];
}

/** What a path that may not lead upwards has against it. */
export function backstepErrors(path: string, field: string): readonly FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}
