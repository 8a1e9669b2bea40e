import { listAt, textAt } from '../kit/fields.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ClusterReader, ReadObject, Verifier } from '../verifier.ts';
import { gatewayRequests } from './gateway-requests.ts';

const NETWORKING = 'networking.istio.io/v1';

/** Step 7: the product page is reached from outside, through the ingress gateway. */
export const openGateway: Verifier = {
  id: 'get-started/gateway',
  checks: ['gateway', 'route', 'address', 'request'],
  watches: [
    { apiVersion: NETWORKING, plural: 'gateways' },
    { apiVersion: NETWORKING, plural: 'virtualservices' },
    { apiVersion: 'v1', plural: 'services' },
  ],
  pollMs: 1_500,
  texts: readTexts(new URL('gateway.texts.json', import.meta.url)),
  run: async (reader) => [
    await checkGateway(reader),
    await checkRoute(reader),
    await checkAddress(reader),
    await checkRequest(reader),
  ],
};

async function checkGateway(reader: ClusterReader): Promise<CheckResult> {
  const gateways = await reader.list(NETWORKING, 'Gateway', { namespace: 'default' });
  if (gateways.some(isOurs)) return passed('gateway');
  const [other] = gateways;
  return other
    ? failed('gateway', 'other-selector', { name: other.metadata.name })
    : failed('gateway', 'no-gateway');
}

function isOurs(gateway: ReadObject): boolean {
  return textAt(gateway, 'spec', 'selector', 'istio') === 'ingressgateway';
}

async function checkRoute(reader: ClusterReader): Promise<CheckResult> {
  const services = await reader.list(NETWORKING, 'VirtualService', { namespace: 'default' });
  const leadsToPage = services
    .filter((service) => listAt(service, 'spec', 'gateways').length > 0)
    .flatMap((service) => listAt(service, 'spec', 'http'))
    .flatMap((rule) => listAt(rule, 'route'))
    .some((route) => /^productpage(\.|$)/.test(textAt(route, 'destination', 'host') ?? ''));
  return leadsToPage ? passed('route') : failed('route', 'no-route');
}

async function checkAddress(reader: ClusterReader): Promise<CheckResult> {
  const service = await reader.get('v1', 'Service', 'istio-ingressgateway', 'istio-system');
  const ingress = listAt(service, 'status', 'loadBalancer', 'ingress');
  return ingress.length > 0 ? passed('address') : failed('address', 'no-address');
}

async function checkRequest(reader: ClusterReader): Promise<CheckResult> {
  const { answered, other } = await gatewayRequests(reader);
  if (answered > 0) return passed('request');
  return other > 0
    ? failed('request', 'refused', { count: other })
    : failed('request', 'no-request');
}
