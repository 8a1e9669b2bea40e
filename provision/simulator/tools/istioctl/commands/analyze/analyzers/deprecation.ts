import { at, listAt, numberAt } from '../../../../../kinds/json.ts';
import { textAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import type { Analyzed, World } from '../world.ts';

const REMOVED_GROUP = 'rbac.istio.io';
const REMOVED_KINDS = ['ClusterRbacConfig', 'RbacConfig', 'ServiceRole', 'ServiceRoleBinding'];

/** IST0002: fields and kinds that Istio is giving up. */
export function deprecatedFields(world: World): readonly Message[] {
  return [
    ...world.all('VirtualService').flatMap(inVirtualService),
    ...world
      .all('Sidecar')
      .filter(
        ({ object }) => at(object, 'spec', 'outboundTrafficPolicy', 'egressProxy') !== undefined,
      )
      .map((about) => deprecated(about, 'OutboundTrafficPolicy.EgressProxy ignored')),
    ...world
      .all('CustomResourceDefinition')
      .filter(({ object }) => textAt(object, 'spec', 'group') === REMOVED_GROUP)
      .map((about) => ({ about, kind: textAt(about.object, 'spec', 'names', 'kind') }))
      .filter(({ kind }) => REMOVED_KINDS.includes(kind))
      .map(({ about, kind }) =>
        deprecated(about, `Custom resource type ${REMOVED_GROUP} ${kind} is removed`),
      ),
  ];
}

function inVirtualService(about: Analyzed): readonly Message[] {
  return listAt(about.object, 'spec', 'http')
    .filter((route) => (numberAt(route, 'fault', 'delay', 'percent') ?? 0) > 0)
    .map(() =>
      deprecated(
        about,
        'HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage',
      ),
    );
}

function deprecated(about: Analyzed, what: string): Message {
  return { code: 'IST0002', about, text: `Deprecated: ${what}` };
}
