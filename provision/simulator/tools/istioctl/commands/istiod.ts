import { textAt } from '../../install/tree.ts';
import { CommandError } from '../cli/command.ts';
import { listObjects, refusalOf, type KubeApi } from '../kube/api.ts';

/** What one istiod answered. */
export interface IstiodAnswer {
  readonly istiod: string;
  readonly text: string;
}

/**
 * Asks the debug page of every istiod that runs: `syncz`, `config_dump?proxyID=…`.
 * @throws CommandError when there is none, or one does not answer
 */
export async function askIstiods(
  api: KubeApi,
  page: string,
  { namespace, revision }: { readonly namespace: string; readonly revision: string },
): Promise<readonly IstiodAnswer[]> {
  const selector = revision === '' ? 'app=istiod' : `app=istiod,istio.io/rev=${revision}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const istiods = (await listObjects(api, pods, selector)).filter(
    (pod) => textAt(pod, 'status', 'phase') !== 'Pending',
  );
  if (istiods.length === 0) {
    throw new CommandError(`no running Istio pods in namespace ${JSON.stringify(namespace)}`);
  }
  return Promise.all(
    istiods.map(async (pod) => {
      const istiod = textAt(pod, 'metadata', 'name');
      const path = `${pods}/${istiod}:15014/proxy/debug/${page}`;
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
