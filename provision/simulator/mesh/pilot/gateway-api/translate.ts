import type { Gateway } from '../../istio/gateway.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import type { KubernetesGateway } from './kinds.ts';
import { type TranslatedListener, translateListener } from './listeners.ts';
import { controllerOf, GATEWAY_CONTROLLER } from './managed.ts';
import type { GatewayApiObjects } from './objects.ts';
import {
  type TranslatedRoute,
  type TranslatedRoutes,
  translateHttpRoutes,
  translateL4Routes,
} from './routes.ts';
import { translateGrpcRule, translateHttpRule } from './rules.ts';

/** A Gateway of class istio with its listeners. */
export interface TranslatedGateway {
  readonly gateway: KubernetesGateway;
  readonly listeners: readonly TranslatedListener[];
}

/** The Gateway API in Istio's own words, and what its objects' status is to say. */
export interface Translation {
  readonly gateways: readonly Gateway[];
  readonly virtualServices: readonly VirtualService[];
  readonly translatedGateways: readonly TranslatedGateway[];
  readonly routes: readonly TranslatedRoute[];
}

export const NOTHING: Translation = {
  gateways: [],
  virtualServices: [],
  translatedGateways: [],
  routes: [],
};

/** Translates what is there (https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/). */
export function translateGatewayApi(objects: GatewayApiObjects): Translation {
  const translatedGateways = objects.gateways
    .filter((gateway) => controllerOf(gateway, objects.classes) === GATEWAY_CONTROLLER)
    .map((gateway): TranslatedGateway => ({
      gateway,
      listeners: (gateway.spec?.listeners ?? []).map((one) =>
        translateListener(gateway, one, objects),
      ),
    }));
  const parents = {
    gateways: new Map(
      translatedGateways.map(({ gateway: { metadata }, listeners }) => [
        `${metadata.namespace ?? 'default'}/${metadata.name}`,
        listeners.map(({ parent }) => parent),
      ]),
    ),
    objects,
  };
  const kinds: readonly TranslatedRoutes[] = [
    translateHttpRoutes(objects.httpRoutes, 'HTTPRoute', { parents, translate: translateHttpRule }),
    translateHttpRoutes(objects.grpcRoutes, 'GRPCRoute', { parents, translate: translateGrpcRule }),
    translateL4Routes(objects.tlsRoutes, 'TLSRoute', parents),
    translateL4Routes(objects.allowsAlpha ? objects.tcpRoutes : [], 'TCPRoute', parents),
  ];
  return {
    gateways: translatedGateways.flatMap(({ listeners }) =>
      listeners.flatMap(({ gateway }) => gateway ?? []),
    ),
    virtualServices: kinds.flatMap(({ virtualServices }) => virtualServices),
    translatedGateways,
    routes: kinds.flatMap(({ routes }) => routes),
  };
}
