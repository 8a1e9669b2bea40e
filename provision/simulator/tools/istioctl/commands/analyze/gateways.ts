import { listAt } from '../../../../kinds/json.ts';
import { textAt } from '../../../install/tree.ts';
import type { Analyzed } from './world.ts';

/** The gateways a VirtualService names, `mesh` left out; short names mean its own namespace. */
export function gatewaysOf({
  object,
  namespace,
}: Analyzed): readonly { readonly namespace: string; readonly name: string }[] {
  return listAt(object, 'spec', 'gateways')
    .map((gateway) => textAt(gateway))
    .filter((gateway) => gateway !== '' && gateway !== 'mesh')
    .map((gateway) => {
      const slash = gateway.indexOf('/');
      return slash < 0
        ? { namespace, name: gateway }
        : { namespace: gateway.slice(0, slash), name: gateway.slice(slash + 1) };
    });
}
