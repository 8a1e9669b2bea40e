import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { type Diagnostic, linter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import type { TFunction } from 'i18next';

import type { ClusterSchemas } from './cluster-schemas.ts';
import { type Place, placeAt } from './yaml/place.ts';
import { fieldSchema, resolved, type Schema } from './yaml/schema.ts';
import { validateYaml } from './yaml/validate.ts';
import type { YamlProblem } from './yaml/yaml-problem.ts';

/** Marks, completes and explains YAML by the schemas of the learner's own cluster. */
export function yamlService(schemas: ClusterSchemas, t: TFunction): Extension {
  // The same object each time: by it the editor knows the answers that it waits for.
  const completions = [
    { autocomplete: (context: CompletionContext) => complete(context, schemas) },
  ];
  return [
    linter(async (view) => diagnostics(view.state.doc.toString(), schemas, t), { delay: 400 }),
    EditorState.languageData.of(() => completions),
    hoverTooltip(async (view, position) => {
      const found = await schemaAt(view.state.doc.toString(), position, schemas);
      if (!found?.description) return null;
      const { description } = found;
      const create = () => {
        const dom = document.createElement('div');
        dom.className = 'cm-diagnostic';
        dom.textContent = description;
        return { dom };
      };
      return { pos: found.from, end: found.to, above: true, create };
    }),
  ];
}

/** A custom resource may be installed later, and an object may be unfinished. */
const MAY_COME: ReadonlySet<YamlProblem['type']> = new Set([
  'noKind',
  'unknownVersion',
  'unknownKind',
]);

async function diagnostics(
  text: string,
  schemas: ClusterSchemas,
  t: TFunction,
): Promise<readonly Diagnostic[]> {
  const problems = await validateYaml(text, schemas).catch(() => validateYaml(text, undefined));
  return problems.map((problem) => ({
    from: problem.from,
    to: problem.to,
    severity: MAY_COME.has(problem.type) ? 'warning' : 'error',
    message: sentenceOf(problem, t),
  }));
}

function sentenceOf(problem: YamlProblem, t: TFunction): string {
  switch (problem.type) {
    case 'syntax':
      return problem.message;
    case 'noKind':
      return t('editor.yaml.noKind');
    case 'unknownVersion':
      return hinted(t('editor.yaml.unknownVersion', { ...problem }), problem.suggestion, t);
    case 'unknownKind':
      return hinted(t('editor.yaml.unknownKind', { ...problem }), problem.suggestion, t);
    case 'unknownField':
      return hinted(t('editor.yaml.unknownField', { ...problem }), problem.suggestion, t);
    case 'type': {
      const { field } = problem;
      const expected = t(`editor.yaml.types.${problem.expected}`);
      return t('editor.yaml.type', {
        field,
        expected,
        actual: t(`editor.yaml.types.${problem.actual}`),
      });
    }
    case 'required':
      return t('editor.yaml.required', { field: problem.field });
    case 'enum':
      break;
  }
  return t('editor.yaml.enum', { field: problem.field, values: problem.values.join(', ') });
}

function hinted(problem: string, name: string | undefined, t: TFunction): string {
  if (name === undefined) return problem;
  return t('editor.yaml.hinted', { problem, hint: t('editor.yaml.didYouMean', { name }) });
}

async function complete(
  context: CompletionContext,
  schemas: ClusterSchemas,
): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w./-]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const place = placeAt(context.state.doc.toString(), word.from);
  if (!place) return null;
  const options = await optionsAt(place, schemas).catch(() => []);
  return options.length === 0 ? null : { from: word.from, options, validFor: /^[\w./-]*$/ };
}

interface Option {
  readonly label: string;
  readonly apply?: string;
  readonly info?: string;
  readonly type: string;
}

async function optionsAt(place: Place, schemas: ClusterSchemas): Promise<readonly Option[]> {
  if (place.value === 'apiVersion' && place.path.length === 0) {
    return (await schemas.versions()).map((label) => ({ label, type: 'namespace' }));
  }
  if (place.value === 'kind' && place.path.length === 0) {
    const kinds = await schemas.kinds(place.apiVersion ?? '');
    return [...(kinds?.keys() ?? [])].map((label) => ({ label, type: 'class' }));
  }
  const found = await schemaOf(place, schemas);
  if (!found) return place.value === undefined && place.path.length === 0 ? OBJECT_START : [];
  if (place.value !== undefined) {
    const field = fieldSchema(found.schema, place.value, found.all);
    const values = typeof field === 'object' ? (field.enum ?? []) : [];
    return values.map((value) => ({ label: String(value), type: 'enum' }));
  }
  return Object.entries(found.schema.properties ?? {}).map(([label, raw]) => {
    const { type, description } = resolved(raw, found.all);
    const isBlock = type === 'object' || type === 'array';
    return {
      label,
      apply: isBlock ? `${label}:` : `${label}: `,
      type: 'property',
      ...(description !== undefined && { info: description }),
    };
  });
}

const OBJECT_START: readonly Option[] = ['apiVersion', 'kind'].map((label) => ({
  label,
  apply: `${label}: `,
  type: 'property',
}));

async function schemaOf(place: Place, schemas: ClusterSchemas) {
  const kinds = await schemas.kinds(place.apiVersion ?? '');
  const found = kinds?.get(place.kind ?? '');
  if (!found) return undefined;
  const { all } = found;
  let schema: Schema = resolved(found.schema, all);
  for (const step of place.path) {
    const next =
      step === '[]' ? schema.items && resolved(schema.items, all) : fieldSchema(schema, step, all);
    if (typeof next !== 'object') return undefined;
    schema = next;
  }
  return { schema, all };
}

async function schemaAt(text: string, position: number, schemas: ClusterSchemas) {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1).split('\n')[0] ?? '';
  const lineFrom = text.lastIndexOf('\n', position - 1) + 1;
  const key = /^[\s-]*(?<name>[\w.-]+):/.exec(line)?.groups?.['name'];
  if (key === undefined) return undefined;
  const from = lineFrom + line.indexOf(key);
  if (position < from || position > from + key.length) return undefined;
  const place = placeAt(text, from);
  const found = place && (await schemaOf(place, schemas).catch(() => undefined));
  const schema = found && fieldSchema(found.schema, key, found.all);
  if (typeof schema !== 'object') return undefined;
  return { from, to: from + key.length, description: schema.description };
}
