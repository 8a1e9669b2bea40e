/** The defaults of Gateway API 1.5, which its package has lost, and the keys of its lists. */
import type { RawSchema } from './validators.ts';

const GROUP = 'gateway.networking.k8s.io';
const ROOT_PATH = { type: 'PathPrefix', value: '/' };
const FROM_SAME = { namespaces: { from: 'Same' } };
const FROM_NONE = { from: 'None' };
/** What conditions of all kinds look like (apimachinery, meta/v1 Condition). */
const CONDITION_LIMITS = {
  message: { maxLength: 32_768 },
  observedGeneration: { minimum: 0 },
  reason: { maxLength: 1024, minLength: 1, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
  status: { enum: ['True', 'False', 'Unknown'] },
  type: { maxLength: 316 },
} as const;

/** Adds defaults and list keys to the schema of a kind, in place: it was made just now and nobody has it yet. */
export function amendGatewayApi(kind: string, schema: RawSchema): void {
  visit(schema, kind);
  const spec = schema.properties?.['spec']?.properties ?? {};
  if (kind === 'HTTPRoute') {
    setDefault(spec['rules'], [{ matches: [{ path: ROOT_PATH }] }]);
    setDefault(spec['rules']?.items?.properties?.['matches'], [{ path: ROOT_PATH }]);
  }
  const status = schema.properties?.['status'];
  startConditions(status, INITIAL_CONDITIONS[kind] ?? []);
  if (kind === 'GatewayClass') {
    spec['description'] ??= {
      type: 'string',
      maxLength: 64,
      description: 'What the class is for.',
    };
  }
  keyBy(spec['listeners'], 'name');
  keyBy(status?.properties?.['listeners'], 'name');
}

function startConditions(status: RawSchema | undefined, types: readonly string[]): void {
  if (types.length === 0) return;
  const conditions = types.map(initialCondition);
  setDefault(status, { conditions });
  setDefault(status?.properties?.['conditions'], conditions);
}

const INITIAL_CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  Gateway: ['Accepted', 'Programmed'],
  GatewayClass: ['Accepted'],
  ListenerSet: ['Accepted', 'Programmed'],
};

function initialCondition(type: string): object {
  return {
    lastTransitionTime: '1970-01-01T00:00:00Z',
    message: 'Waiting for controller',
    reason: 'Pending',
    status: 'Unknown',
    type,
  };
}

function visit(schema: RawSchema, kind: string): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const target = property.items ?? property;
    FIELD_RULES[name]?.(target.properties ?? {}, property);
    visit(target, kind);
  }
}

type Properties = Record<string, RawSchema>;
type FieldRule = (properties: Properties, field: RawSchema) => void;

/** What fields of a name get, wherever they stand. */
const FIELD_RULES: Readonly<Record<string, FieldRule>> = {
  parentRefs: (properties) => setDefaults(properties, { group: GROUP, kind: 'Gateway' }),
  parentRef: (properties) => setDefaults(properties, { group: GROUP, kind: 'Gateway' }),
  backendRefs: backendDefaults,
  backendRef: backendDefaults,
  certificateRefs: (properties) => setDefaults(properties, { group: '', kind: 'Secret' }),
  addresses: (properties) => setDefaults(properties, { type: 'IPAddress' }),
  headers: matchDefaults,
  queryParams: matchDefaults,
  method: matchDefaults,
  ancestorRef: (properties) => setDefaults(properties, { group: GROUP, kind: 'Gateway' }),
  clientCertificateRef: (properties) => setDefaults(properties, { group: '', kind: 'Secret' }),
  kinds: (properties) => setDefaults(properties, { group: GROUP }),
  supportedKinds: (properties) => setDefaults(properties, { group: GROUP }),
  fraction: (properties) => setDefaults(properties, { denominator: 100 }),
  validation: (properties) => setDefaults(properties, { mode: 'AllowValidOnly' }),
  requestHeaderModifier: keyHeaders,
  responseHeaderModifier: keyHeaders,
  perPort: (_properties, field) => keyBy(field, 'port'),
  supportedFeatures: (_properties, field) => keyBy(field, 'name'),
  cors: (properties) => {
    setDefaults(properties, { maxAge: 5 });
    for (const name of ['allowHeaders', 'allowMethods', 'allowOrigins', 'exposeHeaders']) {
      setList(properties[name], 'set');
    }
  },
  allowedListeners: (properties) => {
    setDefault(properties['namespaces'], FROM_NONE);
    setDefaults(properties['namespaces']?.properties ?? {}, FROM_NONE);
  },
  requestRedirect: (properties) => setDefaults(properties, { statusCode: 302 }),
  tls: (properties) => setDefaults(properties, { mode: 'Terminate' }),
  conditions: (properties, field) => {
    keyBy(field, 'type');
    for (const [name, limits] of Object.entries(CONDITION_LIMITS)) {
      Object.assign(properties[name] ?? {}, limits);
    }
  },
  path: (properties, field) => {
    // The path of a redirect has a type as well, but no value.
    if (!properties['value']) return;
    setDefault(field, ROOT_PATH);
    setDefaults(properties, ROOT_PATH);
  },
  allowedRoutes: (properties, field) => {
    setDefault(field, FROM_SAME);
    setDefault(properties['namespaces'], FROM_SAME.namespaces);
    setDefaults(properties['namespaces']?.properties ?? {}, FROM_SAME.namespaces);
  },
};

function backendDefaults(properties: Properties): void {
  setDefaults(properties, { group: '', kind: 'Service', weight: 1 });
}

function matchDefaults(properties: Properties, field: RawSchema): void {
  if (properties['value'] ?? properties['service']) setDefaults(properties, { type: 'Exact' });
  keyBy(field, 'name');
}

function keyHeaders(properties: Properties): void {
  keyBy(properties['add'], 'name');
  keyBy(properties['set'], 'name');
  setList(properties['remove'], 'set');
}

function setList(schema: RawSchema | undefined, type: string): void {
  if (schema) schema['x-kubernetes-list-type'] = type;
}

function setDefaults(properties: Properties, defaults: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(defaults)) setDefault(properties[name], value);
}

function setDefault(schema: RawSchema | undefined, value: unknown): void {
  if (schema) schema['default'] = value;
}

function keyBy(schema: RawSchema | undefined, key: string): void {
  if (schema?.type !== 'array') return;
  schema['x-kubernetes-list-type'] = 'map';
  schema['x-kubernetes-list-map-keys'] = [key];
}
