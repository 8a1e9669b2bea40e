import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingRights } from './rule-cover.ts';

function rule(verbs: string, groups: string, resources: string, names = '') {
  return {
    verbs: verbs.split(','),
    apiGroups: groups.split(','),
    resources: resources.split(','),
    ...(names !== '' && { resourceNames: names.split(',') }),
  };
}

test('missingRights() finds what is not held, each resource with its verbs, as upstream writes it', () => {
  const held = [
    rule('get,list', '', 'pods,*/status'),
    rule('*', 'apps', '*'),
    rule('get', '', 'secrets', 'a,b'),
    { nonResourceURLs: ['/metrics/*'], verbs: ['get'] },
  ];
  const wanted = [
    rule('get,delete,patch', '', 'pods'),
    rule('get', '', 'nodes/status,nodes/proxy'),
    rule('deletecollection', 'apps', 'deployments/scale'),
    rule('get', '', 'secrets', 'a,c'),
    rule('get', '', 'secrets'),
    { nonResourceURLs: ['/metrics/slis', '/logs'], verbs: ['get'] },
  ];
  assert.deepEqual(missingRights(held, wanted), [
    '{APIGroups:[""], Resources:["nodes/proxy"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "patch"]}',
    '{APIGroups:[""], Resources:["secrets"], ResourceNames:["c"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    '{NonResourceURLs:["/logs"], Verbs:["get"]}',
  ]);
  assert.deepEqual(missingRights([rule('*', '*', '*')], [rule('escalate', 'x', 'y/z', 'n')]), []);
});
