import { objectAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { listObjects } from '../../kube/api.ts';
import { firstObject } from '../../kube/yaml.ts';
import type { Subject } from './subject.ts';

/** The PeerAuthentication objects that a pod heeds, and what they come to. */
export async function describePeerAuthentication(
  subject: Subject,
  namespace: string,
  podLabels: Labels,
): Promise<void> {
  const mesh = await firstObject(await subject.mesh(), 'the mesh configuration');
  const root = textAt(mesh, 'rootNamespace') || 'istio-system';
  const lists = await Promise.all(
    [root, namespace].map((one) =>
      listObjects(subject.api, `/apis/security.istio.io/v1/namespaces/${one}/peerauthentications`),
    ),
  );
  const applied = lists.flat().filter((one) => matchesLabels(selectorOf(one), podLabels));
  const { mode, ports } = composed(applied, root);
  subject.say('Effective PeerAuthentication:');
  subject.say(`Workload mTLS mode: ${mode}`, 3);
  if (ports.length > 0) subject.say('Port Level mTLS mode:', 3);
  for (const [port, own] of ports) subject.say(`${port}: ${own}`, 6);
  if (applied.length === 0) return;
  subject.say('Applied PeerAuthentication:');
  const names = applied.map(
    (one) => `${textAt(one, 'metadata', 'name')}.${textAt(one, 'metadata', 'namespace')}`,
  );
  subject.say(names.join(', '), 3);
}

function selectorOf(object: JsonObject): Labels {
  return textsAt(object, 'spec', 'selector', 'matchLabels');
}

interface Effective {
  readonly mode: string;
  readonly ports: readonly (readonly [string, string])[];
}

/** The oldest of the mesh, then of the namespace, then of the workload; each overrides what stands before it. */
function composed(applied: readonly JsonObject[], root: string): Effective {
  const byAge = applied.toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1));
  const isOfRoot = (one: JsonObject) => textAt(one, 'metadata', 'namespace') === root;
  const mesh = byAge.find((one) => isForAll(one) && isOfRoot(one));
  const namespace = byAge.find((one) => isForAll(one) && !isOfRoot(one));
  const workload = byAge.find((one) => !isForAll(one));
  let mode = 'PERMISSIVE';
  for (const one of [mesh, namespace, workload]) {
    const own = textAt(one, 'spec', 'mtls', 'mode');
    if (own !== '' && own !== 'UNSET') mode = own;
  }
  const ports = Object.entries(objectAt(workload, 'spec', 'portLevelMtls')).map(
    ([port, settings]) => {
      const own = textAt(settings, 'mode');
      return [port, own === '' || own === 'UNSET' ? mode : own] as const;
    },
  );
  return { mode, ports: ports.toSorted(([one], [other]) => Number(one) - Number(other)) };
}

function isForAll(one: JsonObject): boolean {
  return Object.keys(selectorOf(one)).length === 0;
}

function ageOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'creationTimestamp');
}
