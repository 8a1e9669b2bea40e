import { at } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { imageType } from './proxy-config.ts';
import type { InjectionSettings } from './settings.ts';

/** The pod that the containers are for. */
export interface InjectionTarget {
  readonly namespace: string;
  readonly workload: string;
  /** `kubernetes://apis/apps/v1/namespaces/default/deployments/reviews-v1` */
  readonly owner: string;
  /** Its own annotations. */
  readonly annotations: Labels;
  readonly applications: readonly JsonObject[];
  /** Probes that the agent does for the kubelet, by path. */
  readonly probers: JsonObject;
  readonly proxyConfig: JsonObject;
  readonly isNative: boolean;
}

/** REDIRECT, TPROXY or NONE: how traffic comes to the proxy. */
export function interceptionMode({ annotations, proxyConfig }: InjectionTarget): string {
  const asked = annotations['sidecar.istio.io/interceptionMode'];
  const { interceptionMode: configured } = proxyConfig;
  return asked ?? (typeof configured === 'string' ? configured : 'REDIRECT');
}

/** Whether the application starts only once the proxy is ready (`holdApplicationUntilProxyStarts`). */
export function holdsApplication(proxyConfig: JsonObject): boolean {
  return at(proxyConfig, 'holdApplicationUntilProxyStarts') === true;
}

/** The image of the proxy: the pod's own wish, else the installation's, in the variant asked for. */
export function proxyImage(
  settings: InjectionSettings,
  { annotations, proxyConfig }: InjectionTarget,
): string {
  const own = annotations['sidecar.istio.io/proxyImage'];
  if (own !== undefined) return own;
  const variant = annotations['sidecar.istio.io/proxyImageType'] ?? imageType(proxyConfig);
  const plain = settings.proxyImage.replace(/-(distroless|debug)$/, '');
  if (variant === '') return settings.proxyImage;
  return variant === 'default' ? plain : `${plain}-${variant}`;
}

/** Requests and limits of the installation; a pod that names one of its own gets only what it names. */
export function resources(
  settings: InjectionSettings,
  { annotations }: InjectionTarget,
): JsonObject {
  const own = (name: string) => annotations[`sidecar.istio.io/${name}`];
  const requests = quantities(own('proxyCPU'), own('proxyMemory'));
  const limits = quantities(own('proxyCPULimit'), own('proxyMemoryLimit'));
  if (!requests && !limits) return { limits: settings.limits, requests: settings.requests };
  return { ...(limits && { limits }), ...(requests && { requests }) };
}

function quantities(cpu: string | undefined, memory: string | undefined): JsonObject | undefined {
  if (cpu === undefined && memory === undefined) return undefined;
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}
