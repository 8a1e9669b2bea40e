/** The rules of the Gateway API's definitions (release 1.5, standard channel), by kind. */
import { rule, type Placement, type Rule } from './place-rules.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const HOSTNAME = `${LABEL}(\\.${LABEL})*`;
const WILDCARD_HOSTNAME = `^(\\*\\.)?${HOSTNAME}$`;

/** A regular expression as an expression writes it, without escapes. */
function raw(pattern: string): string {
  return `r'${pattern}'`;
}

/** The field of a type is there when the type is chosen, and only then. */
function unionRules(types: Readonly<Record<string, string>>): readonly Rule[] {
  return Object.entries(types).flatMap(([field, type]) => [
    rule(
      `filter.${field} must be nil if the filter.type is not ${type}`,
      `self.type == '${type}' || !has(self.${field})`,
    ),
    rule(
      `filter.${field} must be specified for ${type} filter.type`,
      `self.type != '${type}' || has(self.${field})`,
    ),
  ]);
}

function onceRules(types: readonly string[]): readonly Rule[] {
  return types.map((type) =>
    rule(`${type} filter cannot be repeated`, `self.filter(one, one.type == '${type}').size() < 2`),
  );
}

const same = (field: string) =>
  `(has(a.${field}) ? a.${field} : '') == (has(b.${field}) ? b.${field} : '')`;
const named = (field: string) => `(has(%.${field}) && %.${field} != '')`;
const bothNamed = `${named('sectionName').replaceAll('%', 'a')} == ${named('sectionName').replaceAll('%', 'b')}`;

/** References to the same object need different section names; `what` they refer to is a parent or a target. */
function referenceRules(list: string, what: string, parts: readonly string[]): readonly Rule[] {
  const isSame = parts.map(same).join(' && ');
  return [
    rule(
      `sectionName must be specified when ${list} includes 2 or more references to the same ${what}`,
      `self.all(a, self.all(b, !(${isSame}) || ${bothNamed}))`,
    ),
    rule(
      `sectionName must be unique when ${list} includes 2 or more references to the same ${what}`,
      `self.all(a, self.exists_one(b, ${isSame} && ${same('sectionName')}))`,
    ),
  ];
}

const parents: Placement = [
  'spec.parentRefs',
  referenceRules('parentRefs', 'parent', ['group', 'kind', '__namespace__', 'name']),
];

const servicePort = [
  rule(
    'Must have port for Service reference',
    "has(self.port) || self.kind != 'Service' || self.group != ''",
  ),
];

const fewMatches = [
  rule(
    'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
    'self.map(one, has(one.matches) ? one.matches.size() : 0).sum() <= 128',
  ),
];

const FILTERS = ['spec.rules[].filters', 'spec.rules[].backendRefs[].filters'];
const each = (suffix: string) => FILTERS.map((filters) => `${filters}[]${suffix}`);

const commonFilters = {
  requestHeaderModifier: 'RequestHeaderModifier',
  responseHeaderModifier: 'ResponseHeaderModifier',
  requestMirror: 'RequestMirror',
  extensionRef: 'ExtensionRef',
};

const mirrors: readonly Placement[] = [
  [each('.requestMirror.backendRef'), servicePort],
  [
    each('.requestMirror'),
    [
      rule(
        'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
        '!has(self.fraction) || !has(self.percent)',
      ),
    ],
  ],
  [
    each('.requestMirror.fraction'),
    [
      rule(
        'numerator must be less than or equal to denominator',
        'self.denominator >= self.numerator',
      ),
    ],
  ],
];

/** The path of a redirect or a rewrite. */
const pathChange = ['ReplaceFullPath', 'ReplacePrefixMatch'].flatMap((type) => {
  const field = type.replace('R', 'r');
  return [
    rule(
      `${field} must be specified when type is set to '${type}'`,
      `self.type != '${type}' || has(self.${field})`,
    ),
    rule(
      `type must be '${type}' when ${field} is set`,
      `!has(self.${field}) || self.type == '${type}'`,
    ),
  ];
});

const isPlainPath = "self.type in ['Exact', 'PathPrefix']";

function pathMatchRules(): readonly Rule[] {
  const suffix = "when type one of ['Exact', 'PathPrefix']";
  const never = (part: string) =>
    rule(
      `must not contain '${part}' ${suffix}`,
      `!(${isPlainPath} && self.value.contains('${part}'))`,
    );
  const neverAtEnd = (part: string) =>
    rule(
      `must not end with '${part}' ${suffix}`,
      `!(${isPlainPath} && self.value.endsWith('${part}'))`,
    );
  const allowed = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";
  return [
    rule(
      `value must be an absolute path and start with '/' ${suffix}`,
      `!(${isPlainPath}) || self.value.startsWith('/')`,
    ),
    ...['//', '/./', '/../', '%2f', '%2F', '#'].map(never),
    ...['/..', '/.'].map(neverAtEnd),
    rule(
      "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
      "self.type in ['Exact', 'PathPrefix', 'RegularExpression']",
    ),
    rule(
      `must only contain valid characters (matching ${allowed}) for types ['Exact', 'PathPrefix']`,
      `!(${isPlainPath}) || self.value.matches(r"${allowed}")`,
    ),
  ];
}

const replacesPrefix = (field: string) =>
  `has(one.${field}) && has(one.${field}.path) && one.${field}.path.type == 'ReplacePrefixMatch' && has(one.${field}.path.replacePrefixMatch)`;
const hasOnePrefix =
  "self.matches.size() == 1 && has(self.matches[0].path) && self.matches[0].path.type == 'PathPrefix'";

function prefixRules(filter: string, field: string, within: string): readonly Rule[] {
  const asks = `has(self.filters) && self.filters.exists_one(one, ${replacesPrefix(field)})`;
  const backendAsks = `has(self.backendRefs) && self.backendRefs.exists_one(backend, has(backend.filters) && backend.filters.exists_one(one, ${replacesPrefix(field)}))`;
  const tail = `using ${filter} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`;
  return [
    rule(`When ${tail}`, `!(${asks}) || (${hasOnePrefix})`),
    rule(`Within backendRefs, ${within} ${tail}`, `!(${backendAsks}) || (${hasOnePrefix})`),
  ];
}

const lonelyStar = (message: string) => [rule(message, "self.size() < 2 || !('*' in self)")];

const listeners = [
  rule(
    "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
    "!self.exists(one, has(one.tls) && one.protocol in ['HTTP', 'TCP', 'UDP'])",
  ),
  rule(
    'tls mode must be Terminate for protocol HTTPS',
    "self.all(one, one.protocol != 'HTTPS' || !has(one.tls) || one.tls.mode in ['', 'Terminate'])",
  ),
  rule(
    'tls mode must be set for protocol TLS',
    "self.all(one, one.protocol != 'TLS' || (has(one.tls) && has(one.tls.mode) && one.tls.mode != ''))",
  ),
  rule(
    "hostname must not be specified for protocols ['TCP', 'UDP']",
    "!self.exists(one, one.protocol in ['TCP', 'UDP'] && has(one.hostname) && one.hostname != '')",
  ),
  rule(
    'Listener name must be unique within the Gateway',
    'self.all(one, self.exists_one(other, other.name == one.name))',
  ),
];

const sameListener = (port: string) =>
  `${port} && a.protocol == b.protocol && has(a.hostname) == has(b.hostname) && (!has(a.hostname) || a.hostname == b.hostname)`;
const uniqueListener = (isFree: string, port: string) =>
  rule(
    'Combination of port, protocol and hostname must be unique for each listener',
    `self.all(a, ${isFree}self.exists_one(b, ${sameListener(port)}))`,
  );

const certificates: Placement = [
  'spec.listeners[].tls',
  [
    rule(
      'certificateRefs or options must be specified when mode is Terminate',
      "self.mode != 'Terminate' || size(self.certificateRefs) > 0 || size(self.options) > 0",
    ),
  ],
];

const KEY =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$';

function keyRules(what: 'Annotation' | 'Label'): readonly Rule[] {
  return [
    rule(
      `${what} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
      `self.all(key, key.matches(${raw(KEY)}))`,
    ),
    rule(
      `If specified, the ${what.toLowerCase()} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
      "self.all(key, key.split('/')[0].size() <= 252)",
    ),
  ];
}

function uniqueAddress(type: string): Rule {
  return rule(
    `${type} values must be unique`,
    `self.all(a, a.type != '${type}' || !has(a.value) || self.exists_one(b, b.type == '${type}' && has(b.value) && b.value == a.value))`,
  );
}

const addressName = (message: string, isFree: string) =>
  rule(
    `Hostname value must ${message} (matching ${WILDCARD_HOSTNAME})`,
    `self.type != 'Hostname' || ${isFree}self.value.matches(${raw(WILDCARD_HOSTNAME)})`,
  );

function alternativeName(type: string, field: string): readonly Rule[] {
  const label = type === 'URI' ? 'URI' : 'Hostname';
  const isSet = `(has(self.${field}) && self.${field} != '')`;
  return [
    rule(
      `SubjectAltName element must contain ${label}, if Type is set to ${type}`,
      `self.type != '${type}' || ${isSet}`,
    ),
    rule(
      `SubjectAltName element must not contain ${label}, if Type is not set to ${type}`,
      `self.type == '${type}' || !${isSet}`,
    ),
  ];
}

const hasReferences = '(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0)';
const hasWellKnown = "(has(self.wellKnownCACertificates) && self.wellKnownCACertificates != '')";

/** Rules by kind; kinds without any are left out. */
export const gatewayApiRules: Readonly<Record<string, readonly Placement[]>> = {
  BackendTLSPolicy: [
    ['spec.targetRefs', referenceRules('targetRefs', 'target', ['group', 'kind', 'name'])],
    [
      'spec.validation',
      [
        rule(
          'must not contain both CACertificateRefs and WellKnownCACertificates',
          `!${hasReferences} || !${hasWellKnown}`,
        ),
        rule(
          'must specify either CACertificateRefs or WellKnownCACertificates',
          `${hasReferences} || ${hasWellKnown}`,
        ),
      ],
    ],
    [
      'spec.validation.subjectAltNames[]',
      [...alternativeName('Hostname', 'hostname'), ...alternativeName('URI', 'uri')],
    ],
  ],
  GatewayClass: [['spec.controllerName', [rule('Value is immutable', 'oldSelf == self')]]],
  Gateway: [
    ['spec.addresses', [uniqueAddress('IPAddress'), uniqueAddress('Hostname')]],
    [
      'spec.addresses[]',
      [addressName('be empty or contain only valid characters', '!has(self.value) || ')],
    ],
    ['spec.infrastructure.annotations', keyRules('Annotation')],
    ['spec.infrastructure.labels', keyRules('Label')],
    ['spec.listeners', [...listeners, uniqueListener('', 'a.port == b.port')]],
    certificates,
    [
      'spec.tls.frontend.perPort',
      [
        rule(
          'Port for TLS configuration must be unique within the Gateway',
          'self.all(one, self.exists_one(other, other.port == one.port))',
        ),
      ],
    ],
    ['status.addresses[]', [addressName('only contain valid characters', '')]],
  ],
  ListenerSet: [
    [
      'spec.listeners',
      [...listeners, uniqueListener('!has(a.port) || ', 'has(b.port) && a.port == b.port')],
    ],
    certificates,
  ],
  GRPCRoute: [
    parents,
    ['spec.rules', fewMatches],
    ['spec.rules[].backendRefs[]', servicePort],
    [FILTERS, onceRules(['RequestHeaderModifier', 'ResponseHeaderModifier'])],
    [each(''), unionRules(commonFilters)],
    ...mirrors,
    [
      'spec.rules[].matches[].method',
      [
        rule(
          "One or both of 'service' or 'method' must be specified",
          '!has(self.type) || has(self.method) || has(self.service)',
        ),
        rule(
          'service must only contain valid characters (matching ^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$)',
          `!has(self.service) || (has(self.type) && self.type != 'Exact') || self.service.matches(${raw('^[.]?[A-Za-z_][A-Za-z_0-9]*([.][A-Za-z_][A-Za-z_0-9]*)*$')})`,
        ),
        rule(
          'method must only contain valid characters (matching ^[A-Za-z_][A-Za-z_0-9]*$)',
          `!has(self.method) || (has(self.type) && self.type != 'Exact') || self.method.matches(${raw('^[A-Za-z_][A-Za-z_0-9]*$')})`,
        ),
      ],
    ],
  ],
  HTTPRoute: [
    parents,
    ['spec.rules', fewMatches],
    [
      'spec.rules[]',
      [
        rule(
          'RequestRedirect filter must not be used together with backendRefs',
          '!has(self.backendRefs) || self.backendRefs.size() == 0 || !has(self.filters) || !self.filters.exists(one, has(one.requestRedirect))',
        ),
        ...prefixRules('RequestRedirect', 'requestRedirect', 'when'),
        ...prefixRules('URLRewrite', 'urlRewrite', 'When'),
      ],
    ],
    ['spec.rules[].backendRefs[]', servicePort],
    [
      FILTERS,
      [
        rule(
          'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
          "!self.exists(one, one.type == 'RequestRedirect') || !self.exists(one, one.type == 'URLRewrite')",
        ),
        ...onceRules([
          'RequestHeaderModifier',
          'ResponseHeaderModifier',
          'RequestRedirect',
          'URLRewrite',
        ]),
      ],
    ],
    [
      each(''),
      unionRules({
        ...commonFilters,
        cors: 'CORS',
        requestRedirect: 'RequestRedirect',
        urlRewrite: 'URLRewrite',
      }),
    ],
    ...mirrors,
    [
      each('.cors.allowHeaders'),
      lonelyStar("AllowHeaders cannot contain '*' alongside other methods"),
    ],
    [
      each('.cors.allowMethods'),
      lonelyStar("AllowMethods cannot contain '*' alongside other methods"),
    ],
    [
      each('.cors.allowOrigins'),
      lonelyStar("AllowOrigins cannot contain '*' alongside other origins"),
    ],
    [[...each('.requestRedirect.path'), ...each('.urlRewrite.path')], pathChange],
    ['spec.rules[].matches[].path', pathMatchRules()],
    [
      'spec.rules[].timeouts',
      [
        rule(
          'backendRequest timeout cannot be longer than request timeout',
          "!has(self.request) || !has(self.backendRequest) || duration(self.request) == duration('0s') || duration(self.request) >= duration(self.backendRequest)",
        ),
      ],
    ],
  ],
  TLSRoute: [
    parents,
    ['spec.rules[].backendRefs[]', servicePort],
    [
      'spec.hostnames',
      [
        rule('Hostnames cannot contain an IP', '!self.exists(host, isIP(host))'),
        rule(
          'Hostnames must be valid based on RFC-1123',
          `self.all(host, host.contains('*') || host.matches(${raw(`^${HOSTNAME}$`)}))`,
        ),
        rule(
          'Wildcards on hostnames must be the first label, and the rest of hostname must be valid based on RFC-1123',
          `self.all(host, !host.contains('*') || host.matches(${raw(`^\\*\\.${HOSTNAME}$`)}))`,
        ),
      ],
    ],
  ],
};
