/** Rules of roles, written short: `get,list core pods,services`, with names of objects at the end if any; `get /healthz`. */
import type { JsonObject } from '../../kinds/object.ts';

const SHORT: Readonly<Record<string, string>> = {
  READ: 'get,list,watch',
  WRITE: 'create,delete,deletecollection,patch,update',
  ALL: 'create,delete,deletecollection,get,list,patch,update,watch',
  EVENTS: 'create,patch,update core,events.k8s.io events',
};

/** What nearly every controller may do. */
export const EVENTS = 'EVENTS';

/** Rules as rbac.authorization.k8s.io/v1 has them, in the order of the texts. */
export function rulesOf(texts: readonly string[]): readonly JsonObject[] {
  return texts.map(ruleOf);
}

function ruleOf(text: string): JsonObject {
  const long = text.replace(/^[A-Z]+\b/, (word) => SHORT[word] ?? word);
  const [verbs = '', second = '', resources = '', names = ''] = long.split(' ');
  if (second.startsWith('/') || resources === '') {
    return { nonResourceURLs: second.split(','), verbs: verbs.split(',') };
  }
  const apiGroups = second.split(',').map((group) => (group === 'core' ? '' : group));
  return {
    apiGroups,
    ...(names !== '' && { resourceNames: names.split(',') }),
    resources: resources.split(','),
    verbs: verbs.split(','),
  };
}
