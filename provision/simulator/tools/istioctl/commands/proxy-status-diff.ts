import { isList, isObject, isSame, listAt, objectAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Invocation } from '../cli/command.ts';
import { connect } from '../kube/connect.ts';
import { objectIn } from '../kube/json-text.ts';
import { askIstiods } from './istiod.ts';
import { askAdmin, failAs, namedProxy, parsed, partOf } from './proxy-config/admin.ts';
import { protoJson } from './proxy-config/proto-json.ts';

/** Compares what istiod has sent to a proxy with what the proxy has. */
export async function compareWithIstiod(invocation: Invocation, argument: string): Promise<number> {
  const { context } = invocation;
  const proxy = await namedProxy(invocation, argument);
  const own = parsed(await dumpOf(invocation, proxy));
  using api = await connect(invocation);
  const page = `config_dump?proxyID=${proxy.name}.${proxy.namespace}`;
  const answers = await askIstiods(api, invocation, page);
  const sent = answers.map(({ text }) => dumpIn(text)).find((dump) => dump !== undefined);
  if (!sent) throw new CommandError('unable to find config dump in Istiod responses');
  const say = (text: string) => context.terminal.stdout(`${text}\n`);
  for (const part of ['Clusters', 'Listeners', 'Routes'] as const) {
    const difference = unifiedDiff(part, [dynamicOf(sent, part), dynamicOf(own, part)]);
    const loaded = part === 'Routes' ? loadedAt(own) : '';
    if (difference === '') say(`${part} Match${loaded}`);
    else say(`${part} Don't Match${loaded}\n${difference}`);
  }
  return EXIT.done;
}

async function dumpOf(
  invocation: Invocation,
  proxy: { readonly name: string; readonly namespace: string },
): Promise<string> {
  const file = invocation.flags.text('file');
  if (file !== '') return invocation.context.readText(file);
  try {
    return await askAdmin(invocation, proxy, { method: 'GET', path: 'config_dump' });
  } catch (cause) {
    return failAs('could not contact sidecar', cause);
  }
}

/** The dump that an istiod knows; undefined when the proxy is not connected to it. */
function dumpIn(text: string): JsonObject | undefined {
  // What is not connected is told in words: "Proxy not connected to this Pilot instance".
  const value = objectIn(text);
  return listAt(value, 'configs').length > 0 ? value : undefined;
}

type Part = 'Clusters' | 'Listeners' | 'Routes';

const ENTRIES: Readonly<Record<Part, string>> = {
  Clusters: 'dynamic_active_clusters',
  Listeners: 'dynamic_listeners',
  Routes: 'dynamic_route_configs',
};

/** The part that istiod is answerable for, by name, without versions and times. */
function dynamicOf(dump: JsonObject, part: Part): Json {
  const entries = listAt(partOf(dump, part), ENTRIES[part])
    .filter(isObject)
    .map((entry) => protoJson(withoutTimes(entry)))
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return { [ENTRIES[part]]: entries };
}

function withoutTimes(entry: JsonObject): JsonObject {
  const { version_info: _version, last_updated: _updated, ...rest } = entry;
  const active = rest['active_state'];
  return isObject(active) ? { ...rest, active_state: withoutTimes(active) } : rest;
}

function nameOf(entry: JsonObject): string {
  const listener = objectAt(entry, 'activeState', 'listener');
  return (
    textAt(entry, 'cluster', 'name') ||
    textAt(entry, 'routeConfig', 'name') ||
    textAt(listener, 'name') ||
    textAt(entry, 'name')
  );
}

/** When the proxy last took a route configuration. */
function loadedAt(dump: JsonObject): string {
  const times = listAt(partOf(dump, 'Routes'), 'dynamic_route_configs')
    .map((entry) => Date.parse(textAt(entry, 'last_updated')))
    .filter((time) => !Number.isNaN(time));
  if (times.length === 0) return '';
  const last = times.reduce((one, other) => Math.max(one, other));
  return ` (RDS last loaded at ${new Date(last).toUTCString().replace('GMT', 'UTC')})`;
}

/** Lines around a difference, as in istioctl. */
const CONTEXT_LINES = 7;

/** What differs as a unified diff of one hunk, from the first difference to the last; empty when nothing does. */
function unifiedDiff(part: Part, [sent, own]: readonly [Json, Json]): string {
  if (isSame(sent, own)) return '';
  const before = linesOf(sent);
  const after = linesOf(own);
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = Math.max(0, start - CONTEXT_LINES);
  const gone = before.slice(start, before.length - end);
  const come = after.slice(start, after.length - end);
  const tail = before.slice(before.length - end).slice(0, CONTEXT_LINES);
  const head = before.slice(from, start);
  const count = (changed: readonly string[]) => head.length + changed.length + tail.length;
  return [
    `--- Istiod ${part}`,
    `+++ Envoy ${part}`,
    `@@ -${from + 1},${count(gone)} +${from + 1},${count(come)} @@`,
    ...head.map((line) => ` ${line}`),
    ...gone.map((line) => `-${line}`),
    ...come.map((line) => `+${line}`),
    ...tail.map((line) => ` ${line}`),
    '',
  ].join('\n');
}

function linesOf(value: Json): readonly string[] {
  return JSON.stringify(sortedKeys(value), undefined, 4).split('\n');
}

function sortedKeys(value: Json): Json {
  if (isList(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => [key, sortedKeys(item ?? null)]),
  );
}
