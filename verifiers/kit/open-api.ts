import { ClusterConnection } from './connection.ts';

/** The largest group of Kubernetes 1.34, `apps/v1`, has 1.5 MiB; Istio's networking group has 2. */
const LIMIT_BYTES = 12 * 1024 * 1024;
const TIME_MS = 8_000;

/**
 * A document of the API server's OpenAPI v3 (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3): the list
 * of all groups, or the schemas of one (`apis/apps/v1`). undefined when there is none.
 */
export async function readOpenApi(kubeconfig: string, group: string): Promise<string | undefined> {
  using connection = await ClusterConnection.open(kubeconfig);
  try {
    const path = group === '' ? '/openapi/v3' : `/openapi/v3/${group}`;
    const { status, body } = await connection.get(path, AbortSignal.timeout(TIME_MS));
    if (status !== 200) return undefined;
    body.setEncoding('utf8');
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > LIMIT_BYTES) return undefined;
    }
    return text;
  } catch {
    return undefined;
  }
}
