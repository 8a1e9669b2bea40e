import { at, isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { fullHost } from '../../../../mesh/hosts.ts';
import { textAt } from '../../../install/tree.ts';
import type { Subsets } from './destination-rule.ts';
import { hostOf } from './origins.ts';
import { protoText } from './proto-text.ts';
import type { Subject } from './subject.ts';

/** A VirtualService and what it is asked about. */
export interface RoutedService {
  readonly virtualService: JsonObject;
  readonly service: JsonObject;
  readonly rule: JsonObject | undefined;
  readonly subsets: Subsets;
  /** Spaces in front of what is said. */
  readonly level: number;
}

interface Route {
  /** Whether it leads to the pods. */
  readonly isMatch: boolean;
  readonly facts: readonly string[];
}

/** Which routes of a VirtualService lead to the service, and what is wrong with the others. */
export function sayVirtualService(subject: Subject, routed: RoutedService): void {
  const { virtualService, level } = routed;
  subject.say(`VirtualService: ${subject.nameOf(virtualService)}`, level);
  const http = listAt(virtualService, 'spec', 'http');
  const tcp = listAt(virtualService, 'spec', 'tcp');
  const routes = [
    ...http.map((route) => httpRoute(subject, route, routed)),
    ...tcp.map((route) => tcpRoute(route, routed)),
  ];
  const matching = routes.filter(({ isMatch }) => isMatch);
  const facts = matching.flatMap((route) => route.facts);
  for (const fact of facts) subject.say(fact, level + 3);
  const notes = routes.filter(({ isMatch }) => !isMatch).flatMap((route) => route.facts);
  const kinds = [
    ['HTTP', http.length],
    ['TCP', tcp.length],
  ] as const;
  const present = kinds.filter(([, count]) => count > 0);
  if (matching.length === 0) {
    for (const [kind, count] of present) {
      const what = `No destinations match pod subsets (checked ${count} ${kind} routes)`;
      subject.say(`WARNING: ${what}`, level + 3);
    }
    for (const note of notes) subject.say(note, level + 6);
    return;
  }
  const possible = http.length + tcp.length + listAt(virtualService, 'spec', 'tls').length;
  if (matching.length < possible) {
    const others = possible - matching.length;
    subject.say(`${others} additional destination(s) that will not reach this pod`, level + 3);
    if (facts.length > 0) return;
    for (const note of notes) subject.say(note, level + 6);
    return;
  }
  if (facts.length > 0) return;
  for (const [kind, count] of present) subject.say(`${count} ${kind} route(s)`, level + 3);
}

function isTo(destination: Json, { virtualService, service }: RoutedService): boolean {
  const host = textAt(destination, 'host');
  const namespace = textAt(virtualService, 'metadata', 'namespace');
  return fullHost(host, namespace) === hostOf(service);
}

function httpRoute(subject: Subject, route: Json, routed: RoutedService): Route {
  const { subsets, rule } = routed;
  const facts: string[] = [];
  const notes: string[] = [];
  let isMatch = false;
  for (const entry of listAt(route, 'route')) {
    const destination = objectAt(entry, 'destination');
    const weight = Number(textAt(entry, 'weight'));
    const subset = textAt(destination, 'subset');
    const host = textAt(destination, 'host');
    if (!isTo(destination, routed)) {
      facts.push(
        subset === ''
          ? `Route to host "${host}" with weight ${weight}%`
          : `Route to ${host} with invalid config`,
      );
    } else if (subsets.others.includes(subset)) {
      const when = matchesText(listAt(route, 'match'));
      notes.push(`Route to non-matching subset ${subset} for (${when})`);
    } else if (subset !== '' && !subsets.matching.includes(subset)) {
      notes.push(
        rule
          ? `Warning: Route to UNKNOWN subset ${subset}; check DestinationRule ${subject.nameOf(rule)}`
          : `Warning: Route to subset ${subset} but NO DESTINATION RULE defining subsets!`,
      );
    } else {
      isMatch = true;
      const named = subset === '' ? '' : ` subset "${subset}"`;
      if (weight > 0) facts.push(`Route to host "${host}"${named} with weight ${weight}%`);
    }
  }
  return isMatch
    ? { isMatch, facts: [...facts, ...conditionsOf(route)] }
    : { isMatch, facts: [...facts, ...notes] };
}

/** One line of the faults and matches of a route; none when it has neither. */
function conditionsOf(route: Json): readonly string[] {
  const fault = at(route, 'fault');
  const parts = [
    ...(isObject(fault) ? [`Fault injection ${protoText(fault)}`] : []),
    ...listAt(route, 'match').map(matchText),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

function tcpRoute(route: Json, routed: RoutedService): Route {
  const isMatch = listAt(route, 'route').some((entry) =>
    isTo(objectAt(entry, 'destination'), routed),
  );
  const matches = listAt(route, 'match').filter(isObject);
  return { isMatch, facts: isMatch ? matches.map(protoText) : [] };
}

function matchesText(matches: readonly Json[]): string {
  return matches.length === 0 ? 'everything' : matches.map(matchText).join(', ');
}

function matchText(match: Json): string {
  const uri = at(match, 'uri');
  const headers = Object.entries(objectAt(match, 'headers')).map(
    ([name, value]) => `${name}=${stringMatch(value)}`,
  );
  const path = uri === undefined ? '' : stringMatch(uri);
  const uncased = uri !== undefined && at(match, 'ignoreUriCase') === true ? ' uncased' : '';
  const when = headers.length === 0 ? '' : ` when headers are ${headers.join('; ')}`;
  return `Match: ${path}${uncased}${when}`.trim();
}

function stringMatch(match: Json | undefined): string {
  const exact = at(match, 'exact');
  if (exact !== undefined) return textAt(exact);
  const prefix = at(match, 'prefix');
  if (prefix !== undefined) return `${textAt(prefix)}*`;
  return isObject(match) ? protoText(match) : '';
}
