import type { ClusterClient, NewObject } from '../../client/client.ts';
import type { Clock } from '../../clock.ts';
import { pods } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { MIRROR_POD_RETURN_MS } from '../limits.ts';

const SOURCE = 'kubernetes.io/config.source';

/** Whether the pod only shows what a node runs from a file (Kubernetes documentation, "Create static Pods"). */
export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[SOURCE] === 'file';
}

/** Brings mirror pods back that somebody deletes: the file on the node is still there. */
export function keepMirrorPods(client: ClusterClient, clock: Clock): Disposable {
  const timers = new Set<Disposable>();
  const watch = client.watch(pods, ({ type, object }) => {
    if (type !== 'DELETED' || !isMirror(object)) return;
    const timer = clock.after(MIRROR_POD_RETURN_MS, () => {
      timers.delete(timer);
      // It may be there again, or its node gone.
      client.create(pods, copyOf(object)).catch(() => undefined);
    });
    timers.add(timer);
  });
  return {
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      for (const timer of timers) timer[Symbol.dispose]();
    },
  };
}

function copyOf({ apiVersion, kind, metadata, spec }: Pod): NewObject {
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(ownerReferences && { ownerReferences }),
    },
    spec,
  };
}
