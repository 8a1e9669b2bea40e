import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { table } from '../../terminal/table.ts';

const TYPE_PREFIX = 'type.googleapis.com/';
const PADDING = 5;

/** The extensions that istiod sends apart from listeners, by type and name. */
export function extensionTable(part: JsonObject): string {
  const rows = listAt(part, 'ecds_filters')
    .map((entry) => objectAt(entry, 'ecds_filter'))
    .map((filter) => {
      const type = textAt(filter, 'typed_config', '@type');
      return [textAt(filter, 'name'), type.replace(TYPE_PREFIX, '')];
    })
    .toSorted(([one = '', first = ''], [other = '', second = '']) =>
      `${first}\u0000${one}` < `${second}\u0000${other}` ? -1 : 1,
    );
  return table([['ECDS NAME', 'TYPE'], ...rows], PADDING);
}
