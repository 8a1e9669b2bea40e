/** networking.k8s.io/v1 and discovery.k8s.io/v1. */
import { ingressAddress, ingressHosts, sliceAddresses, slicePorts } from '../cells/service.ts';
import {
  defaultEndpointSlice,
  defaultIngress,
  defaultIngressClass,
  defaultNetworkPolicy,
} from '../defaults/network.ts';
import { kindsOf } from '../define.ts';
import { listAt, objectAt, stringAt, textsAt } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { asLabelSelector } from '../selectors/label-selector.ts';
import { selectorText } from '../selectors/labels.ts';
import { ageColumn, column, nameColumn, textAt, textOr } from '../tables/columns.ts';
import { validateIngress, validateIngressClass } from '../validation/ingress.ts';
import { validateNetworkPolicy } from '../validation/network-policy.ts';
import { validateEndpointSlice } from '../validation/network.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export const networking = kindsOf('networking.k8s.io/v1', 'io.k8s.api.networking.v1', [
  {
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['ing'],
    hasStatus: true,
    columns: [
      nameColumn,
      column(
        'Class',
        'Class of the controller that serves it',
        textOr('<none>', 'spec', 'ingressClassName'),
      ),
      column('Hosts', 'Host names it answers for', ingressHosts),
      column('Address', 'Where it is reached', ingressAddress),
      column('Ports', 'Ports it answers on', (ingress) =>
        listAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80',
      ),
      ageColumn,
    ],
    applyDefaults: defaultIngress,
    validate: validateIngress,
    warnings: (ingress) =>
      CLASS_ANNOTATION in (ingress.metadata.annotations ?? {}) &&
      stringAt(ingress, 'spec', 'ingressClassName') === ''
        ? [
            `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`,
          ]
        : [],
  },
  {
    kind: 'IngressClass',
    plural: 'ingressclasses',
    isNamespaced: false,
    columns: [
      nameColumn,
      column('Controller', 'Name of the controller', textAt('spec', 'controller')),
      column('Parameters', 'Object with settings of the controller', parametersText),
      ageColumn,
    ],
    applyDefaults: defaultIngressClass,
    validate: validateIngressClass,
  },
  {
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    columns: [
      nameColumn,
      column('Pod-Selector', 'Pods it applies to', (networkPolicy) =>
        selectorText(asLabelSelector(objectAt(networkPolicy, 'spec', 'podSelector'))),
      ),
      ageColumn,
    ],
    applyDefaults: defaultNetworkPolicy,
    validate: validateNetworkPolicy,
  },
  {
    kind: 'ServiceCIDR',
    plural: 'servicecidrs',
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      column('CIDRs', 'Ranges that cluster IPs are taken from', (range) =>
        textsAt(range, 'spec', 'cidrs').join(','),
      ),
      ageColumn,
    ],
  },
  {
    kind: 'IPAddress',
    plural: 'ipaddresses',
    shortNames: ['ip'],
    isNamespaced: false,
    columns: [
      nameColumn,
      column('ParentRef', 'Service the address belongs to', (address) => {
        const parent = objectAt(address, 'spec', 'parentRef');
        if (Object.keys(parent).length === 0) return '<none>';
        const group = stringAt(parent, 'group');
        const resource = `${stringAt(parent, 'resource')}${group === '' ? '' : `.${group}`}`;
        const namespace = stringAt(parent, 'namespace');
        const parts = [resource.toLowerCase(), namespace, stringAt(parent, 'name')];
        return parts.filter((part) => part !== '').join('/');
      }),
    ],
  },
]);

export const discovery = kindsOf('discovery.k8s.io/v1', 'io.k8s.api.discovery.v1', [
  {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    columns: [
      nameColumn,
      column('AddressType', 'IPv4, IPv6 or FQDN', textOr('<unset>', 'addressType')),
      column('Ports', 'Ports of all the endpoints', slicePorts),
      column('Endpoints', 'Addresses of the endpoints', sliceAddresses),
      ageColumn,
    ],
    applyDefaults: defaultEndpointSlice,
    validate: validateEndpointSlice,
  },
]);

function parametersText(ingressClassObject: KubeObject): string {
  const parameters = objectAt(ingressClassObject, 'spec', 'parameters');
  const name = stringAt(parameters, 'name');
  if (name === '') return '<none>';
  const group = stringAt(parameters, 'apiGroup');
  const kind = stringAt(parameters, 'kind');
  return `${group === '' ? kind : `${kind}.${group}`}/${name}`;
}
