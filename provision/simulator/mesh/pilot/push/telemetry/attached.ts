import type { Telemetry, TelemetryMode } from '../../../istio/telemetry.ts';
import type { Direction } from '../../../xds/listener.ts';
import type { ProxyConfiguration } from '../proxy-configuration.ts';
import { policiesFor } from '../security/attachment.ts';

/**
 * The Telemetry objects of a workload, at most one of each scope: the mesh's, its namespace's, its own; the oldest counts
 * (https://istio.io/latest/docs/reference/config/telemetry/).
 */
export function telemetriesFor({ mesh, node }: ProxyConfiguration): readonly Telemetry[] {
  const all = policiesFor(mesh.telemetries, mesh, node);
  if (all.length === 0) return all;
  const { rootNamespace } = mesh.config;
  const scopes = [
    all.find((one) => namespaceOf(one) === rootNamespace && !isSelective(one)),
    all.find(
      (one) =>
        namespaceOf(one) === node.namespace &&
        namespaceOf(one) !== rootNamespace &&
        !isSelective(one),
    ),
    all.find((one) => namespaceOf(one) === node.namespace && isSelective(one)),
  ];
  return scopes.filter((one) => one !== undefined);
}

/** Whether a rule is for what a proxy does in a direction: CLIENT is what its workload sends. */
export function inMode(mode: TelemetryMode = 'CLIENT_AND_SERVER', direction: Direction): boolean {
  return mode === 'CLIENT_AND_SERVER' || (mode === 'SERVER') === (direction === 'INBOUND');
}

function isSelective({ spec }: Telemetry): boolean {
  return (
    Object.keys(spec?.selector?.matchLabels ?? {}).length > 0 ||
    spec?.targetRef !== undefined ||
    (spec?.targetRefs ?? []).length > 0
  );
}

function namespaceOf({ metadata }: Telemetry): string {
  return metadata.namespace ?? 'default';
}
