import { isObject, objectAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { DEFAULT_VALUES } from './default-values.ts';
import { OperatorError } from './operator-error.ts';
import { problemsOf, replicaWarnings } from './problems.ts';
import { profileSpec } from './profiles.ts';
import { parseSetFlag, setAt } from './set-flag.ts';
import { merge, mergeMaps, textAt } from './tree.ts';

/** What an installation is asked for, before the profile and the defaults are filled in. */
export interface OperatorInput {
  /** Parsed IstioOperator files, later ones over earlier ones. */
  readonly files?: readonly unknown[];
  /** `--set` flags as typed; they win over files. */
  readonly sets?: readonly string[];
  /** Go on with fields that Istio does not know. Default false. */
  readonly isForced?: boolean;
}

/** A complete IstioOperator spec, and the parts of it that every manifest needs. */
export interface Operator {
  /** metadata.name of the last file; `unknown` without one, as Istio labels its objects then. */
  readonly name: string;
  readonly profile: string;
  /** Empty for the default revision. */
  readonly revision: string;
  readonly hub: string;
  readonly tag: string;
  /** Where istiod and the gateways live. */
  readonly namespace: string;
  /** The merged spec as `profile dump` shows it. */
  readonly spec: JsonObject;
  /** `spec.values` over the charts' defaults. */
  readonly values: JsonObject;
  /** What Istio warns of before it goes on. */
  readonly warnings: readonly string[];
}

const DEFAULT_HUB = 'registry.istio.io/release';

/**
 * Completes an installation: profile, then files, then `--set`.
 * @throws OperatorError for what Istio refuses, and for what the simulator does not have
 */
export function resolveOperator(input: OperatorInput = {}): Operator {
  const { name, profile, spec } = inputsMerged(input);
  const problems = problemsOf(spec);
  if (!input.isForced && problems.length > 0) throw new OperatorError(problems.join(', '));
  refuseMissingParts(spec);
  const values = merge(
    merge(DEFAULT_VALUES, compatibility(spec)),
    mergeMaps(objectAt(spec, 'values'), objectAt(spec, 'unvalidatedValues')),
  );
  return {
    name,
    profile,
    revision: revisionOf(spec),
    hub: textAt(values, 'global', 'hub') || textAt(spec, 'hub'),
    tag: textAt(values, 'global', 'tag') || textAt(spec, 'tag'),
    namespace: textAt(spec, 'namespace') || textAt(values, 'global', 'istioNamespace'),
    spec,
    values,
    warnings: [
      ...problems.map((problem) => `spec invalid; continuing because of --force: ${problem}`),
      ...replicaWarnings(spec).map((warning) => `❗ ${warning}`),
    ],
  };
}

/** The same installation by its values alone, as Helm would make it: without what `components.*.k8s` changes afterwards. */
export function withoutSettings(operator: Operator): Operator {
  const components = objectAt(operator.spec, 'components');
  const pilot: JsonObject = { ...objectAt(components, 'pilot'), k8s: {} };
  return { ...operator, spec: { ...operator.spec, components: { ...components, pilot } } };
}

/** `operator` with the registry and version of one component, which may have its own. */
export function operatorFor(
  operator: Operator,
  component: JsonObject,
  values: JsonObject,
): Operator {
  const own = (name: 'hub' | 'tag') =>
    textAt(component, name) || textAt(values, name) || operator[name];
  const variant = textAt(operator.values, 'global', 'variant');
  return {
    ...operator,
    hub: own('hub'),
    tag: variant === '' ? own('tag') : `${own('tag')}-${variant}`,
  };
}

/** Profile, then files, then `--set`, each over what comes before it. */
function inputsMerged({ files = [], sets = [] }: OperatorInput) {
  try {
    let name = 'unknown';
    let asked: JsonObject = {};
    for (const file of files) {
      const operator = checkedFile(file);
      name = textAt(operator, 'metadata', 'name') || name;
      asked = mergeMaps(asked, objectAt(operator, 'spec'));
    }
    for (const { path, value } of sets.map(parseSetFlag)) {
      asked = objectAt(setAt(asked, path, value));
    }
    const profile = textAt(asked, 'profile') || 'default';
    const base: JsonObject = { hub: DEFAULT_HUB, tag: ISTIO_VERSION, profile };
    return { name, profile, spec: mergeMaps(mergeMaps(base, profileSpec(profile)), asked) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError(`merge inputs: ${error.message}`, { cause: error });
  }
}

function checkedFile(file: unknown): JsonObject {
  if (!isObject(file))
    throw new OperatorError('an operator file must hold one IstioOperator object');
  const kind = textAt(file, 'kind');
  const apiVersion = textAt(file, 'apiVersion');
  if (kind !== 'IstioOperator' || apiVersion !== 'install.istio.io/v1alpha1') {
    throw new OperatorError(
      `an operator file must hold kind IstioOperator of install.istio.io/v1alpha1, not ${kind || 'nothing'} of ${apiVersion || 'nothing'}`,
    );
  }
  return file;
}

function refuseMissingParts(spec: JsonObject): void {
  for (const part of ['cni', 'ztunnel']) {
    if (textAt(spec, 'components', part, 'enabled') === 'true') {
      throw new OperatorError(`component ${part} is not simulated: leave it disabled`);
    }
  }
}

function revisionOf(spec: JsonObject): string {
  const revision = textAt(spec, 'revision') || textAt(spec, 'values', 'revision');
  return revision === 'default' ? '' : revision;
}

/** Behaviour that each release changed, with the istiod variable that brings the old one back (Istio's release notes). */
const CHANGED_IN: readonly (readonly [minor: number, env: Readonly<Record<string, string>>])[] = [
  [30, { PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE: 'false' }],
  [29, { DISABLE_TRACK_REMAINING_CB_METRICS: 'false' }],
  [28, { DISABLE_SHADOW_HOST_SUFFIX: 'false', PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY: 'false' }],
  [27, { ENABLE_NATIVE_SIDECARS: 'false' }],
];
const OLDEST_COMPATIBLE_MINOR = 25;

function compatibility(spec: JsonObject): JsonObject {
  const asked =
    textAt(spec, 'compatibilityVersion') || textAt(spec, 'values', 'compatibilityVersion');
  if (asked === '') return {};
  const minor = Number(/^1\.(\d+)$/.exec(asked)?.[1]);
  if (!(minor >= OLDEST_COMPATIBLE_MINOR && minor <= 30)) {
    throw new OperatorError(
      `unknown compatibilityVersion "${asked}": it goes from 1.${OLDEST_COMPATIBLE_MINOR} to 1.30`,
    );
  }
  const env = CHANGED_IN.filter(([changed]) => changed > minor).map(([, variables]) => variables);
  return { pilot: { env: Object.assign({}, ...env) } };
}
