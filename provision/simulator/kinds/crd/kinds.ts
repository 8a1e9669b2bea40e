import { asJson, asKubeObject, isObject, listAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { Json, JsonObject, KubeObject } from '../object.ts';
import { validateMetadata } from '../validation/fields/metadata.ts';
import { compareVersions } from '../versions.ts';
/** Kinds made from CustomResourceDefinitions (Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions"). */
import { crdColumns } from './columns.ts';
import { applySchemaDefaults } from './defaults.ts';
import { fieldText } from './json-path.ts';
import { hasRules, isBlocking, ruleErrors, rulesNotRun, ruleWarnings } from './rules.ts';
import { schemaErrors } from './schema-errors.ts';
import { rootSchema } from './schema.ts';

/** The kinds that a CustomResourceDefinition serves, one a version. */
export function kindsOfCrd(crd: KubeObject): readonly Kind[] {
  const spec = objectAt(crd, 'spec');
  return listAt(spec, 'versions')
    .filter((version) => isObject(version) && version['served'] === true)
    .map((version) => kindOf(spec, version));
}

/** The warning about a deprecated version: its own, or one that names the version to use instead. */
function deprecationOf(spec: JsonObject, version: Json): string | undefined {
  if (objectAt(version)['deprecated'] !== true) return undefined;
  const own = objectAt(version)['deprecationWarning'];
  if (typeof own === 'string') return own;
  const group = stringAt(spec, 'group');
  const kind = stringAt(spec, 'names', 'kind');
  const newer = listAt(spec, 'versions')
    .filter((one) => objectAt(one)['served'] === true && objectAt(one)['deprecated'] !== true)
    .map((one) => stringAt(one, 'name'))
    .toSorted(compareVersions)[0];
  const notice = `${group}/${stringAt(version, 'name')} ${kind} is deprecated`;
  const isNewer = newer !== undefined && compareVersions(newer, stringAt(version, 'name')) < 0;
  return isNewer ? `${notice}; use ${group}/${newer} ${kind}` : notice;
}

/** In the order of upstream's discovery. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function kindOf(spec: JsonObject, version: Json): Kind {
  const names = objectAt(spec, 'names');
  const kind = stringAt(names, 'kind');
  const isNamespaced = stringAt(spec, 'scope') === 'Namespaced';
  const raw = objectAt(version, 'schema', 'openAPIV3Schema');
  const identity = { group: stringAt(spec, 'group'), version: stringAt(version, 'name'), kind };
  const subresources = objectAt(version, 'subresources');
  const deprecation = deprecationOf(spec, version);
  return {
    ...identity,
    isCustom: true,
    plural: stringAt(names, 'plural'),
    isNamespaced,
    ...(deprecation !== undefined && { deprecation }),
    singular: stringAt(names, 'singular') || kind.toLowerCase(),
    listKind: stringAt(names, 'listKind') || `${kind}List`,
    shortNames: stringsAt(names, 'shortNames'),
    categories: stringsAt(names, 'categories'),
    verbs: VERBS,
    hasStatus: isObject(subresources['status']),
    hasScale: isObject(subresources['scale']),
    get schema() {
      return rootSchema(raw, identity);
    },
    columns: crdColumns(listAt(version, 'additionalPrinterColumns')),
    selectableFields: Object.fromEntries(
      listAt(version, 'selectableFields').map((field) => {
        const path = stringAt(field, 'jsonPath');
        return [path.replace(/^\./, ''), (object: KubeObject) => fieldText(asJson(object), path)];
      }),
    ),
    applyDefaults: (object) => {
      const before = asJson(object);
      const after = applySchemaDefaults(raw, before);
      return after === before ? object : asKubeObject(after);
    },
    validate: (object, old) => {
      const errors = [
        ...validateMetadata(asJson(object), { isNamespaced, nameRule: 'subdomain' }),
        ...schemaErrors(raw, asJson(object)),
      ];
      if (!hasRules(raw)) return errors;
      if (errors.some(isBlocking)) return [...errors, rulesNotRun];
      return [...errors, ...ruleErrors(raw, asJson(object), old && asJson(old))];
    },
    warnings: (object) => ruleWarnings(asJson(object)),
  };
}
