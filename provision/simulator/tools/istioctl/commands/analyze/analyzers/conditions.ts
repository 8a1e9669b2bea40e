import { listAt } from '../../../../../kinds/json.ts';
import type { Json } from '../../../../../kinds/object.ts';
import { textAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import type { Analyzed, AnalyzedKind, World } from '../world.ts';

const OF_ROUTES = ['Accepted', 'Programmed', 'ResolvedRefs'];
const WAYPOINT = ['istio.io/WaypointBound'];

/** Conditions that tell of a failure when they are False, by kind. */
const CHECKED: readonly (readonly [AnalyzedKind, readonly string[]])[] = [
  ['Service', WAYPOINT],
  ['ServiceEntry', WAYPOINT],
  ['WorkloadEntry', WAYPOINT],
  ['AuthorizationPolicy', ['ZtunnelAccepted', 'WaypointAccepted']],
  ['KubernetesGateway', OF_ROUTES],
  ['HTTPRoute', OF_ROUTES],
  ['GRPCRoute', OF_ROUTES],
];

/** IST0171: what controllers say has gone wrong. */
export function negativeConditions(world: World): readonly Message[] {
  return CHECKED.flatMap(([kind, types]) =>
    world.all(kind).flatMap((about) =>
      conditionsOf(about)
        .filter((one) => types.includes(textAt(one, 'type')) && textAt(one, 'status') === 'False')
        .map((one) => ({
          code: 'IST0171',
          about,
          text: `A condition with a negative status is present: type=${textAt(one, 'type')}, reason=${textAt(one, 'reason')}, message=${textAt(one, 'message')}.`,
        })),
    ),
  );
}

function conditionsOf({ object }: Analyzed): readonly Json[] {
  return [
    ...listAt(object, 'status', 'conditions'),
    ...listAt(object, 'status', 'parents').flatMap((parent) => listAt(parent, 'conditions')),
  ];
}
