import { listAt } from '../../../../../kinds/json.ts';
import { textAt } from '../../../../install/tree.ts';
import type { Message } from '../message.ts';
import type { World } from '../world.ts';

/** IST0134: TCP ports of entries without an address: nothing tells their traffic from others'. */
export function entriesWithoutAddress(world: World): readonly Message[] {
  return world.all('ServiceEntry').flatMap((about) => {
    const own = listAt(about.object, 'spec', 'addresses');
    const given = listAt(about.object, 'status', 'addresses');
    if (own.length > 0 || given.length > 0) return [];
    const found: Message[] = [];
    for (const [index, port] of listAt(about.object, 'spec', 'ports').entries()) {
      const protocol = textAt(port, 'protocol').toUpperCase();
      if (protocol !== '' && protocol !== 'TCP') continue;
      const text = 'ServiceEntry addresses are required for this protocol.';
      found.push({ code: 'IST0134', about, text, field: `.spec.ports[${index}].name` });
    }
    return found;
  });
}
