import { defaultResourceClaim, defaultResourceClaimTemplate } from '../defaults/resource.ts';
import { kindsOf } from '../define.ts';
import { isObject, listAt, objectAt } from '../json.ts';
import type { KubeObject } from '../object.ts';
/** resource.k8s.io/v1: stored and shown; the simulated nodes have no devices to allocate. */
import { ageColumn, column, nameColumn, textAt, textOr } from '../tables/columns.ts';

export const resource = kindsOf('resource.k8s.io/v1', 'io.k8s.api.resource.v1', [
  {
    kind: 'DeviceClass',
    plural: 'deviceclasses',
    isNamespaced: false,
    columns: [nameColumn, ageColumn],
  },
  {
    kind: 'ResourceClaim',
    plural: 'resourceclaims',
    hasStatus: true,
    columns: [nameColumn, column('State', 'Whether it is allocated', claimState), ageColumn],
    applyDefaults: defaultResourceClaim,
  },
  {
    kind: 'ResourceClaimTemplate',
    plural: 'resourceclaimtemplates',
    columns: [nameColumn, ageColumn],
    applyDefaults: defaultResourceClaimTemplate,
  },
  {
    kind: 'ResourceSlice',
    plural: 'resourceslices',
    isNamespaced: false,
    columns: [
      nameColumn,
      column('Node', 'Node that has the devices', textOr('<none>', 'spec', 'nodeName')),
      column('Driver', 'Driver of the devices', textAt('spec', 'driver')),
      column('Pool', 'Pool that the devices belong to', textAt('spec', 'pool', 'name')),
      ageColumn,
    ],
  },
]);

function claimState(claim: KubeObject): string {
  const status = objectAt(claim, 'status');
  const isDeleted = claim.metadata.deletionTimestamp !== undefined;
  const isAllocated = isObject(status['allocation']);
  const states = [
    ...(isDeleted ? ['deleted'] : []),
    ...(isAllocated ? ['allocated'] : isDeleted ? [] : ['pending']),
    ...(listAt(status, 'reservedFor').length > 0 ? ['reserved'] : []),
  ];
  return states.join(',');
}
