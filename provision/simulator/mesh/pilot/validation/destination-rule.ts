import { objectAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { asObjects, firstDouble, problems } from './parts.ts';

export function validateDestinationRule(spec: JsonObject): readonly string[] {
  const subsets = asObjects(spec['subsets']);
  const names = subsets.map(({ name }) => name ?? '');
  const double = firstDouble(names);
  return [
    ...problems(
      [names.includes(''), 'subset name cannot be empty'],
      [double !== undefined, `duplicate subset names: ${double}`],
    ),
    ...[spec, ...subsets].flatMap(({ trafficPolicy }) =>
      trafficPolicy === undefined ? [] : validatePolicy(objectAt(trafficPolicy)),
    ),
  ];
}

function validatePolicy(policy: JsonObject): readonly string[] {
  const pool = policy['connectionPool'];
  const http = objectAt(pool, 'http');
  const pending = http['http1MaxPendingRequests'];
  return problems(
    [Object.keys(policy).length === 0, 'traffic policy must have at least one field'],
    [
      pool !== undefined && Object.keys(objectAt(pool)).length === 0,
      'connection pool must have at least one field',
    ],
    [typeof pending === 'number' && pending < 0, 'http1 max pending requests must be non-negative'],
  );
}
