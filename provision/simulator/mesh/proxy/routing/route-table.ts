import type { HttpRoute, VirtualService } from '../../istio/types.ts';
import {
  fullHost,
  type MeshPort,
  type MeshService,
  type MeshSnapshot,
} from '../../pilot/snapshot.ts';
import { compileMatch, isMeantFor, type MatchSource, type RequestParts } from './match.ts';

/** A rule ready to be used: where it leads, and whether a request is meant. */
export interface CompiledRoute {
  readonly rule: HttpRoute;
  /** Namespace of the VirtualService: short hosts belong to it. */
  readonly namespace: string;
  /** Empty: matches everything. */
  readonly matches: readonly ((parts: RequestParts) => boolean)[];
  /** For rewrites: the prefix or path that matched. */
  readonly matchedPrefix: string | undefined;
}

/** The rules of a VirtualService that can hold for this caller, in order. */
export function compileRoutes(
  service: VirtualService,
  source: MatchSource,
): readonly CompiledRoute[] {
  const namespace = service.metadata.namespace ?? 'default';
  return (service.spec?.http ?? []).flatMap((rule): readonly CompiledRoute[] => {
    const entries = rule.match ?? [];
    const meant = entries.filter((match) => isMeantFor(match, source));
    if (entries.length > 0 && meant.length === 0) return [];
    const uri = meant.find((match) => match.uri)?.uri;
    return [
      {
        rule,
        namespace,
        matches: meant.map(compileMatch),
        matchedPrefix: uri?.prefix ?? uri?.exact,
      },
    ];
  });
}

export function firstMatch(
  routes: readonly CompiledRoute[],
  parts: RequestParts,
): CompiledRoute | undefined {
  return routes.find(({ matches }) => matches.length === 0 || matches.some((test) => test(parts)));
}

/** A destination looked up: the port of a service it means, or why there is none (Envoy: cluster not found). */
export function destinationOf(
  snapshot: MeshSnapshot,
  host: string,
  options: {
    readonly namespace: string;
    readonly port: number | undefined;
    readonly requestPort: number;
  },
): { readonly service: MeshService; readonly port: MeshPort } | undefined {
  const service = snapshot.services.get(fullHost(host, options.namespace));
  if (!service) return undefined;
  const wanted =
    options.port ??
    (service.ports.length === 1 ? service.ports[0]?.port.port : options.requestPort);
  const port = service.ports.find((one) => one.port.port === wanted);
  return port && { service, port };
}
