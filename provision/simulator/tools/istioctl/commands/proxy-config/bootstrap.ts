import { at, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { table } from '../../terminal/table.ts';

/** The versions of Istio and Envoy that a proxy was started as. */
export function bootstrapSummary(part: JsonObject): string {
  const node = objectAt(part, 'bootstrap', 'node');
  const build = objectAt(node, 'user_agent_build_version');
  const numbers = ['major_number', 'minor_number', 'patch']
    .map((name) => textAt(build, 'version', name) || '0')
    .join('.');
  const label = textAt(build, 'metadata', 'build.label');
  const more = ['revision.status', 'build.type', 'ssl.version']
    .filter((name) => at(build, 'metadata', name) !== undefined)
    .map((name) => `/${textAt(build, 'metadata', name)}`);
  const proxy = textAt(node, 'metadata', 'ISTIO_PROXY_SHA');
  const rows = [
    ['Istio Version:', textAt(node, 'metadata', 'ISTIO_VERSION')],
    ['Istio Proxy Version:', proxy.slice(proxy.indexOf(':') + 1)],
    ['Envoy Version:', `${numbers}${label === '' ? '' : `-${label}`}${more.join('')}`],
  ];
  return table(
    rows.filter(([, value]) => value !== ''),
    1,
  );
}
