/** flowcontrol.apiserver.k8s.io/v1: stored and shown; the simulated server answers every request at once and needs no queues. */
import { conditionAt } from '../cells/conditions.ts';
import { countAt } from '../cells/workloads.ts';
import { defaultFlowSchema, defaultPriorityLevel } from '../defaults/flow-control.ts';
import { kindsOf } from '../define.ts';
import { numberAt, stringAt } from '../json.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { ageColumn, column, integerColumn, nameColumn, textAt, textOr } from '../tables/columns.ts';

export const flowControl = kindsOf('flowcontrol.apiserver.k8s.io/v1', 'io.k8s.api.flowcontrol.v1', [
  {
    kind: 'FlowSchema',
    plural: 'flowschemas',
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      column(
        'PriorityLevel',
        'Where the requests queue',
        textAt('spec', 'priorityLevelConfiguration', 'name'),
      ),
      integerColumn(
        'MatchingPrecedence',
        'Lower is tried first',
        countAt('spec', 'matchingPrecedence'),
      ),
      column(
        'DistinguisherMethod',
        'What tells flows apart',
        textOr('<none>', 'spec', 'distinguisherMethod', 'type'),
      ),
      ageColumn,
      column('MissingPL', 'Whether the priority level is missing', (schema) => {
        const dangling = conditionAt(schema, 'Dangling');
        return stringAt(dangling, 'status') || '?';
      }),
    ],
    rowOrder: (one, other) => precedenceOf(one) - precedenceOf(other),
    applyDefaults: defaultFlowSchema,
  },
  {
    kind: 'PriorityLevelConfiguration',
    plural: 'prioritylevelconfigurations',
    isNamespaced: false,
    hasStatus: true,
    columns: [
      nameColumn,
      column('Type', 'Limited or Exempt', textAt('spec', 'type')),
      limitColumn('NominalConcurrencyShares', 'nominalConcurrencyShares'),
      limitColumn('Queues', 'limitResponse', 'queuing', 'queues'),
      limitColumn('HandSize', 'limitResponse', 'queuing', 'handSize'),
      limitColumn('QueueLengthLimit', 'limitResponse', 'queuing', 'queueLengthLimit'),
      ageColumn,
    ],
    applyDefaults: defaultPriorityLevel,
  },
]);

function precedenceOf(schema: KubeObject): number {
  return numberAt(schema, 'spec', 'matchingPrecedence') ?? 0;
}

function limitColumn(name: string, ...path: readonly string[]): Column {
  return column(name, 'Of limited levels', (level) =>
    String(numberAt(level, 'spec', 'limited', ...path) ?? '<none>'),
  );
}
