/** All kinds that are built into the API server, in the order in which discovery names their groups. */
import { authentication, authorization, certificates, rbac } from './groups/access.ts';
import { apps } from './groups/apps.ts';
import { autoscaling, batch, policy } from './groups/batch.ts';
import {
  admission,
  coordination,
  events,
  extensions,
  node,
  registration,
  scheduling,
} from './groups/cluster.ts';
import { core } from './groups/core.ts';
import { flowControl } from './groups/flow-control.ts';
import { metrics } from './groups/metrics.ts';
import { discovery, networking } from './groups/network.ts';
import { resource } from './groups/resource.ts';
import { storage } from './groups/storage.ts';
import type { Kind } from './kind.ts';

/** The built-in kinds, one entry for each served version; the same list at every call. */
export function builtinKinds(): readonly Kind[] {
  return BUILTIN;
}

/** Kinds that another server adds to the API, each served while an APIService names its group version. */
export function aggregatedKinds(): readonly Kind[] {
  return metrics;
}

const BUILTIN: readonly Kind[] = [
  ...core,
  ...registration,
  ...apps,
  ...events,
  ...authentication,
  ...authorization,
  // Clients prefer the version that is named first.
  ...autoscaling.toReversed(),
  ...batch,
  ...certificates,
  ...networking,
  ...policy,
  ...rbac,
  ...storage,
  ...admission,
  ...extensions,
  ...scheduling,
  ...coordination,
  ...node,
  ...discovery,
  ...resource,
  ...flowControl,
];
