import { listAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { configDump } from '../../proxy/admin/config-dump/dump.ts';
import type { ConnectedProxy, Discovery } from '../discovery.ts';
import { ProxyConfiguration } from '../push/proxy-configuration.ts';

/** What a proxy has been sent; its bootstrap and secrets it has from elsewhere. */
const SENT = /\.(Clusters|Listeners|Routes|Endpoints)ConfigDump$/;

/** What istiod has sent to a proxy, in the shape of that proxy's own page /config_dump. */
export function sentTo(
  discovery: Discovery,
  { node, sentMs }: ConnectedProxy,
  includesEndpoints: boolean,
): JsonObject {
  const dump = configDump({
    configuration: new ProxyConfiguration(discovery.snapshot, node),
    bootstrap: { node, workload: node.name, discoveryAddress: '' },
    secrets: [],
    updated: new Date(sentMs).toISOString(),
    includesEndpoints,
  });
  return { configs: listAt(dump, 'configs').filter((part) => SENT.test(stringAt(part, '@type'))) };
}
