import { requestSamples, sumWhere } from '../kit/telemetry.ts';
import type { ClusterReader } from '../verifier.ts';

/** Requests that the ingress gateway has sent on to the product page: answered with 200, and all the rest. */
export async function gatewayRequests(
  reader: ClusterReader,
): Promise<{ readonly answered: number; readonly other: number }> {
  const pods = await reader.list('v1', 'Pod', {
    namespace: 'istio-system',
    labelSelector: 'istio=ingressgateway',
  });
  const samples = await requestSamples(reader, pods);
  const toPage = { destination_service_name: 'productpage' };
  const answered = sumWhere(samples, { ...toPage, response_code: '200' });
  return { answered, other: sumWhere(samples, {}) - answered };
}
