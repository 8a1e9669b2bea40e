import type { JsonObject } from '../../kinds/object.ts';

/** Envoy's user, neither root nor able to become it, on a file system it cannot write. */
export const UNPRIVILEGED: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsGroup: 1337,
  runAsNonRoot: true,
  runAsUser: 1337,
};
