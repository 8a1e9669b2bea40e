import { isIPv4, isIPv6 } from 'node:net';

type Check = (value: string) => string | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  'prometheus.istio.io/merge-metrics': booleanProblem,
  'readiness.status.sidecar.istio.io/failureThreshold': numberProblem,
  'readiness.status.sidecar.istio.io/initialDelaySeconds': numberProblem,
  'readiness.status.sidecar.istio.io/periodSeconds': numberProblem,
  'sidecar.istio.io/interceptionMode': (mode) =>
    ['REDIRECT', 'TPROXY', 'NONE'].includes(mode)
      ? undefined
      : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${mode}`,
  'sidecar.istio.io/proxyCPU': quantityProblem,
  'sidecar.istio.io/proxyCPULimit': quantityProblem,
  'sidecar.istio.io/proxyMemory': quantityProblem,
  'sidecar.istio.io/proxyMemoryLimit': quantityProblem,
  'status.sidecar.istio.io/port': portProblem,
  'traffic.sidecar.istio.io/excludeInboundPorts': (ports) =>
    portsProblem('excludeInboundPorts', ports),
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': (ranges) =>
    rangesProblem('excludeIPRanges', ranges),
  'traffic.sidecar.istio.io/excludeOutboundPorts': (ports) =>
    portsProblem('excludeOutboundPorts', ports),
  'traffic.sidecar.istio.io/includeInboundPorts': (ports) =>
    ports === '*' ? undefined : portsProblem('includeInboundPorts', ports),
  'traffic.sidecar.istio.io/includeOutboundIPRanges': (ranges) =>
    ranges === '*' ? undefined : rangesProblem('includeIPRanges', ranges),
};

/** What is wrong with the value of an annotation of Istio's, in the injector's words; undefined when nothing. */
export function annotationProblem(name: string, value: string): string | undefined {
  return CHECKS[name]?.(value);
}

function portsProblem(parameter: string, ports: string): string | undefined {
  for (const port of listed(ports)) {
    const problem = portProblem(port);
    if (problem !== undefined) {
      return `${parameter} invalid: failed parsing port '${port}': ${problem}`;
    }
  }
  return undefined;
}

function rangesProblem(parameter: string, ranges: string): string | undefined {
  for (const range of listed(ranges)) {
    const [address = '', length] = range.split('/');
    const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
    const isRange = length !== undefined && /^\d+$/.test(length) && Number(length) <= bits;
    if (!isRange) {
      return `${parameter} invalid: failed parsing cidr '${range}': invalid CIDR address: ${range}`;
    }
  }
  return undefined;
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function portProblem(port: string): string | undefined {
  const quoted = JSON.stringify(port);
  if (!/^\d+$/.test(port)) {
    return `failed parsing port '${port}': strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  }
  if (Number(port) <= 65_535) return undefined;
  return `failed parsing port '${port}': strconv.ParseUint: parsing ${quoted}: value out of range`;
}

function numberProblem(value: string): string | undefined {
  if (/^\d+$/.test(value)) return undefined;
  return `strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
}

function booleanProblem(value: string): string | undefined {
  const isBoolean = /^(0|1|t|T|true|TRUE|True|f|F|false|FALSE|False)$/.test(value);
  return isBoolean
    ? undefined
    : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
}

function quantityProblem(value: string): string | undefined {
  const isQuantity = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(value);
  return isQuantity
    ? undefined
    : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}
