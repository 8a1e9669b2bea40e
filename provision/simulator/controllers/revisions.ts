/** ControllerRevisions: the pod templates that a StatefulSet or DaemonSet has had, for `kubectl rollout history` and `undo`. */
import { isList, isObject } from '../kinds/json.ts';
import { controllerRevisions } from '../kinds/resources.ts';
import { matchesSelector } from '../kinds/selectors/labels.ts';
import type {
  ControllerRevision,
  DaemonSet,
  PodTemplate,
  StatefulSet,
} from '../kinds/types/apps.ts';
import { type ControllerContext, namespaceOf, targetOf } from './controller.ts';
import { claimObjects, controllerReference } from './owners.ts';
import { isSameTemplate, templateHash } from './template-hash.ts';

/** The label that ties a pod to a revision; on revisions it carries their hash. */
export const REVISION_HASH = 'controller-revision-hash';

/** What a workload has had so far, oldest first; the last is its present template. */
export interface History {
  readonly all: readonly ControllerRevision[];
  readonly latest: ControllerRevision;
}

/** Sees to it that the owner's template is its newest revision; an older one that is the same is renumbered. */
export async function syncHistory(
  context: ControllerContext,
  owner: StatefulSet | DaemonSet,
): Promise<History> {
  const { client } = context;
  const isWanted = ({ metadata }: ControllerRevision) =>
    matchesSelector(owner.spec.selector, metadata.labels);
  const claimed = await claimObjects(client, { resource: controllerRevisions, owner, isWanted });
  const known = claimed.toSorted((a, b) => a.revision - b.revision);
  const data = dataOf(owner.spec.template);
  const same = known.findLast((revision) => isSameTemplate(revision.data, data));
  const newest = known.at(-1);
  const others = known.filter((revision) => revision !== same);
  if (same && same === newest) return { all: known, latest: same };
  const revision = (newest?.revision ?? 0) + 1;
  const latest = same
    ? await client.update(controllerRevisions, { ...same, revision })
    : await client.create(controllerRevisions, newRevision(owner, data, revision));
  return { all: [...others, latest], latest };
}

/** Forgets the oldest revisions beyond the owner's limit; those that `used` names stay. */
export async function trimHistory(
  { client }: ControllerContext,
  owner: StatefulSet | DaemonSet,
  { all, latest }: History,
  used: ReadonlySet<string>,
): Promise<void> {
  const idle = all.filter((one) => one !== latest && !used.has(one.metadata.name));
  const surplus = Math.max(0, idle.length - (owner.spec.revisionHistoryLimit ?? 10));
  for (const revision of idle.slice(0, surplus)) {
    await client.delete(controllerRevisions, targetOf(revision));
  }
}

/** The part of a revision's name that is its own: its template's hash. */
export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[REVISION_HASH] ?? '';
}

/** The template a revision keeps; undefined when somebody has put something else there. */
export function templateOf({ data }: ControllerRevision): PodTemplate | undefined {
  const spec = data?.['spec'];
  const kept = isObject(spec) ? spec['template'] : undefined;
  if (!isObject(kept)) return undefined;
  const { $patch: _patch, ...template } = kept;
  return isTemplate(template) ? template : undefined;
}

function isTemplate(value: object): value is PodTemplate {
  return 'spec' in value && isObject(value.spec) && isList(value.spec['containers']);
}

/** A strategic merge patch that puts the template back, as kubectl expects it. */
function dataOf(template: PodTemplate) {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

function newRevision(owner: StatefulSet | DaemonSet, data: unknown, revision: number) {
  const hash = templateHash(owner.spec.template);
  const labels = { ...owner.spec.template.metadata?.labels, [REVISION_HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      namespace: namespaceOf(owner),
      labels,
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  };
}
