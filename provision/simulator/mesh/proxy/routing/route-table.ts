import { parseDurationMs } from '../../istio/duration.ts';
import type { HttpMatch, HttpRoute, VirtualService } from '../../istio/types.ts';
import {
  fullHost,
  type MeshPort,
  type MeshService,
  type MeshSnapshot,
} from '../../pilot/snapshot.ts';
import { compileRetries, type RetryPolicy } from '../retries.ts';
import { compileMatch, isMeantFor, type MatchSource, type RequestParts } from './match.ts';

/** A rule of a VirtualService ready to be used. */
export interface CompiledRoute {
  readonly rule: HttpRoute;
  /** Namespace of the VirtualService: short hosts belong to it. */
  readonly namespace: string;
  /** Empty: matches everything. */
  readonly matches: readonly CompiledMatch[];
  readonly timeoutMs: number | undefined;
  readonly retries: RetryPolicy;
}

interface CompiledMatch {
  readonly test: (parts: RequestParts) => boolean;
  /** The part of the path that a rewrite replaces; undefined: all of it. */
  readonly prefix: string | undefined;
}

/** A rule, and the part of the path that it matched. */
export interface FoundRoute {
  readonly route: CompiledRoute;
  readonly prefix: string | undefined;
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
    return [
      {
        rule,
        namespace,
        matches: meant.map((match) => ({ test: compileMatch(match), prefix: prefixOf(match) })),
        timeoutMs: parseDurationMs(rule.timeout),
        retries: compileRetries(rule.retries),
      },
    ];
  });
}

export function firstMatch(
  routes: readonly CompiledRoute[],
  parts: RequestParts,
): FoundRoute | undefined {
  for (const route of routes) {
    if (route.matches.length === 0) return { route, prefix: '/' };
    const match = route.matches.find(({ test }) => test(parts));
    if (match) return { route, prefix: match.prefix };
  }
  return undefined;
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

/** Without a match on the path, the proxy's own prefix is `/`. */
function prefixOf({ uri }: HttpMatch): string | undefined {
  return uri ? uri.prefix : '/';
}
