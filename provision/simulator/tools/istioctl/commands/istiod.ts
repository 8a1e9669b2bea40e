import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, type Flag, type Invocation } from '../cli/command.ts';
import { listObjects, refusalOf, type KubeApi } from '../kube/api.ts';

/** By which {@link askIstiods} chooses. */
export const REVISION_FLAG: Flag = {
  name: 'revision',
  short: 'r',
  type: 'text',
  usage: 'Revision of the control plane to ask',
};

/** What one istiod answered. */
export interface IstiodAnswer {
  readonly istiod: string;
  readonly text: string;
}

/** The pods of istiod that the flags `istioNamespace` and `revision` name, running or not. */
export function istiodPods(api: KubeApi, { flags }: Invocation): Promise<readonly JsonObject[]> {
  const revision = flags.text('revision');
  const selector = revision === '' ? 'app=istiod' : `app=istiod,istio.io/rev=${revision}`;
  return listObjects(api, `/api/v1/namespaces/${flags.text('istioNamespace')}/pods`, selector);
}

/**
 * Asks the debug page of every istiod that runs, of those that the flags name: `syncz`, `config_dump?proxyID=…`.
 * @throws CommandError when there is none, or one does not answer
 */
export async function askIstiods(
  api: KubeApi,
  invocation: Invocation,
  page: string,
): Promise<readonly IstiodAnswer[]> {
  const namespace = invocation.flags.text('istioNamespace');
  const istiods = (await istiodPods(api, invocation)).filter(
    (pod) => textAt(pod, 'status', 'phase') !== 'Pending',
  );
  if (istiods.length === 0) {
    throw new CommandError(`no running Istio pods in namespace ${JSON.stringify(namespace)}`);
  }
  return Promise.all(
    istiods.map(async (pod) => {
      const istiod = textAt(pod, 'metadata', 'name');
      const path = `/api/v1/namespaces/${namespace}/pods/${istiod}:15014/proxy/debug/${page}`;
      const answer = await api.call({ method: 'GET', path });
      if (answer.status === 200 || answer.status === 404 || answer.status === 400) {
        return { istiod, text: answer.text };
      }
      throw new CommandError(
        `could not get ${page.split('?')[0]} from ${istiod}.${namespace}: ${refusalOf(answer)}`,
      );
    }),
  );
}
