import { isSame } from '../../../kinds/json.ts';
import { fullHost } from '../../hosts.ts';
import type {
  Destination,
  HttpMatch,
  HttpRoute,
  RouteDestination,
  StringMatch,
  VirtualService,
} from '../../istio/virtual-service.ts';
import { Derived } from '../derived.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { isExported } from './visibility.ts';

/** Remembered by root: most VirtualServices delegate nothing, and those that do seldom change. */
const known = new WeakMap<VirtualService, Derived<VirtualService>>();

/**
 * VirtualServices with the rules of their delegates merged in, and without the delegates, which have no hosts
 * (https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate). Delegates do not delegate further.
 */
export function withDelegates(
  services: readonly VirtualService[],
  config: MeshConfig,
): readonly VirtualService[] {
  const roots = services.filter(({ spec }) => (spec?.hosts?.length ?? 0) > 0);
  const delegates = new Map(
    services
      .filter(({ spec }) => !spec?.hosts?.length)
      .map((one) => [`${one.metadata.namespace ?? 'default'}/${one.metadata.name}`, one]),
  );
  return roots.map((root) => {
    const { spec } = root;
    const rules = spec?.http ?? [];
    if (!rules.some(({ delegate }) => delegate)) return root;
    const used = rules.flatMap((rule) => delegateOf(rule, root, delegates) ?? []);
    let merged = known.get(root);
    if (!merged) known.set(root, (merged = new Derived()));
    return merged.of([config, ...used], () => {
      const http = rules.flatMap((rule) => expanded(rule, { root, delegates, config }));
      return { ...root, spec: { ...spec, http } };
    });
  });
}

interface Merging {
  readonly root: VirtualService;
  readonly delegates: ReadonlyMap<string, VirtualService>;
  readonly config: MeshConfig;
}

function delegateOf(
  { delegate }: HttpRoute,
  root: VirtualService,
  delegates: Merging['delegates'],
): VirtualService | undefined {
  if (!delegate) return undefined;
  const namespace = delegate.namespace || root.metadata.namespace || 'default';
  return delegates.get(`${namespace}/${delegate.name ?? ''}`);
}

/** A rule, or what the delegate makes of it: a rule for each of the delegate's that does not contradict it. */
function expanded(rule: HttpRoute, { root, delegates, config }: Merging): readonly HttpRoute[] {
  if (!rule.delegate) return [rule];
  const delegate = delegateOf(rule, root, delegates);
  const own = root.metadata.namespace ?? 'default';
  const namespace = delegate?.metadata.namespace ?? 'default';
  const exportTo = delegate?.spec?.exportTo ?? config.defaultExportTo.virtualServices;
  if (!delegate || !isExported(exportTo, namespace, own)) return [];
  return (delegate.spec?.http ?? []).flatMap((one): readonly HttpRoute[] => {
    const match = mergedMatches(rule.match ?? [], one.match ?? []);
    return match ? [mergedRule(rule, withFullHosts(one, namespace), match)] : [];
  });
}

function mergedRule(root: HttpRoute, delegate: HttpRoute, match: readonly HttpMatch[]): HttpRoute {
  const { match: _, delegate: __, name: rootName, ...defaults } = root;
  const { match: ___, name, ...own } = delegate;
  const names = [rootName, name].filter((part) => part !== undefined && part !== '');
  return {
    ...defaults,
    ...own,
    ...(names.length > 0 && { name: names.join('-') }),
    ...(match.length > 0 && { match }),
  };
}

/** Short names are meant in the delegate's namespace. */
function withFullHosts(rule: HttpRoute, namespace: string): HttpRoute {
  const full = (destination: Destination): Destination => ({
    ...destination,
    host: fullHost(destination.host, namespace),
  });
  return {
    ...rule,
    ...(rule.route && {
      route: rule.route.map((one): RouteDestination => ({
        ...one,
        destination: full(one.destination),
      })),
    }),
    ...(rule.mirror && { mirror: full(rule.mirror) }),
    ...(rule.mirrors && {
      mirrors: rule.mirrors.map((one) => ({ ...one, destination: full(one.destination) })),
    }),
  };
}

/** Each entry of the one with each of the other; undefined when all contradict each other. */
function mergedMatches(
  root: readonly HttpMatch[],
  delegate: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (root.length === 0) return delegate;
  if (delegate.length === 0) return root;
  const merged = root.flatMap((one) =>
    delegate.filter((other) => !isConflict(one, other)).map((other) => mergedMatch(one, other)),
  );
  return merged.length > 0 ? merged : undefined;
}

function mergedMatch(root: HttpMatch, delegate: HttpMatch): HttpMatch {
  const names = [root.name, delegate.name].filter((part) => part !== undefined && part !== '');
  const both = (key: 'headers' | 'withoutHeaders' | 'queryParams' | 'sourceLabels') =>
    root[key] || delegate[key] ? { [key]: { ...root[key], ...delegate[key] } } : {};
  return {
    ...root,
    ...delegate,
    ...both('headers'),
    ...both('withoutHeaders'),
    ...both('queryParams'),
    ...both('sourceLabels'),
    ...(names.length > 0 && { name: names.join('-') }),
  };
}

function isConflict(root: HttpMatch, delegate: HttpMatch): boolean {
  const texts = ['uri', 'scheme', 'method', 'authority'] as const;
  const maps = ['headers', 'withoutHeaders', 'queryParams'] as const;
  return (
    texts.some((key) => contradicts(root[key], delegate[key])) ||
    maps.some((key) =>
      Object.entries(root[key] ?? {}).some(([name, value]) =>
        contradicts(value, delegate[key]?.[name]),
      ),
    ) ||
    (root.ignoreUriCase ?? false) !== (delegate.ignoreUriCase ?? false) ||
    areDifferent(root.port, delegate.port) ||
    areDifferent(root.sourceNamespace, delegate.sourceNamespace) ||
    Object.entries(root.sourceLabels ?? {}).some(([name, value]) =>
      areDifferent(value, delegate.sourceLabels?.[name]),
    )
  );
}

function areDifferent<T>(one: T | undefined, other: T | undefined): boolean {
  return Boolean(one) && Boolean(other) && one !== other;
}

/** A delegate may narrow a prefix, and repeat anything; regular expressions it may not narrow. */
function contradicts(root: StringMatch | undefined, delegate: StringMatch | undefined): boolean {
  if (!root || !delegate || isSame(root, delegate)) return false;
  if (root.prefix === undefined) return true;
  const narrower = delegate.exact ?? delegate.prefix;
  return narrower === undefined || !narrower.startsWith(root.prefix);
}
