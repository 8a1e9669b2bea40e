import { listAt, stringAt } from '../json.ts';
import type { Column, Kind, Schema } from '../kind.ts';
import { definition } from '../schemas/load.ts';
/** metrics.k8s.io/v1beta1, which metrics-server adds to a cluster (https://github.com/kubernetes/metrics). */
import { column, nameColumn, textAt } from '../tables/columns.ts';

const PACKAGE = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const window: Column = {
  ...column('Window', 'Time over which the usage was measured', textAt('window')),
  format: 'duration',
};

/** The kinds of metrics-server; served while an APIService names their group version. */
export const metrics: readonly Kind[] = [
  metricsKind('NodeMetrics', 'nodes', {
    isNamespaced: false,
    columns: [nameColumn, usage('cpu', 'usage'), usage('memory', 'usage'), window],
  }),
  metricsKind('PodMetrics', 'pods', {
    isNamespaced: true,
    columns: [nameColumn, podUsage('cpu'), podUsage('memory'), window],
  }),
];

function metricsKind(
  kind: string,
  plural: string,
  { isNamespaced, columns }: Pick<Kind, 'isNamespaced' | 'columns'>,
): Kind {
  return {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    kind,
    plural,
    isNamespaced,
    // metrics-server names none of its own; clients then use the kind in lower case.
    singular: '',
    listKind: `${kind}List`,
    shortNames: [],
    categories: [],
    verbs: ['get', 'list'],
    hasStatus: false,
    hasScale: false,
    get schema() {
      return schemaOf(kind);
    },
    columns,
    selectableFields: {},
    applyDefaults: (object) => object,
    validate: () => [],
  };
}

function usage(name: string, ...path: readonly string[]): Column {
  const cell = column(name, `Use of ${name}`, textAt(...path, name));
  return { ...cell, format: 'quantity' };
}

/** The sum over the pod's containers, in the unit that each is in. */
function podUsage(name: 'cpu' | 'memory'): Column {
  const cell = column(name, `Use of ${name}`, (pod) => {
    const unit = name === 'cpu' ? 'n' : 'Ki';
    const sum = listAt(pod, 'containers')
      .map((container) => Number.parseInt(stringAt(container, 'usage', name) || '0', 10))
      .reduce((total, amount) => total + amount, 0);
    return sum === 0 ? '0' : `${sum}${unit}`;
  });
  return { ...cell, format: 'quantity' };
}

const schemas = new Map<string, Schema>();

function schemaOf(kind: string): Schema {
  const known = schemas.get(kind);
  if (known) return known;
  const schema = kind === 'NodeMetrics' ? measured(kind, USAGE) : measured(kind, CONTAINERS);
  schemas.set(kind, schema);
  return schema;
}

const USAGE: Readonly<Record<string, Schema>> = {
  usage: {
    type: 'object',
    description: 'The memory usage is the memory working set.',
    additionalProperties: { type: 'string', format: 'quantity' },
  },
};
const CONTAINERS: Readonly<Record<string, Schema>> = {
  containers: {
    type: 'array',
    description: 'Usage of each container, measured over the same time.',
    items: {
      type: 'object',
      description: 'ContainerMetrics is what one container uses.',
      properties: {
        name: { type: 'string', description: 'Name of the container in the pod.' },
        ...USAGE,
      },
      required: ['name', 'usage'],
    },
  },
};

function measured(kind: string, own: Readonly<Record<string, Schema>>): Schema {
  return {
    type: 'object',
    definition: `${PACKAGE}.${kind}`,
    description: `${kind} is what metrics-server measured last.`,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: definition(`${META}.ObjectMeta`),
      timestamp: {
        type: 'string',
        format: 'date-time',
        description: 'End of the time over which the usage was measured.',
      },
      window: { type: 'string', description: 'Length of that time.' },
      ...own,
    },
    required: ['timestamp', 'window', ...Object.keys(own)],
  };
}
