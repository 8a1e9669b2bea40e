import { isObject, objectAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { DEFAULT_VALUES } from './default-values.ts';
import { unknownFields } from './known-fields.ts';
import { OperatorError } from './operator-error.ts';
import { profileSpec } from './profiles.ts';
import { parseSetFlag, setAt } from './set-flag.ts';
import { merge, textAt } from './tree.ts';

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
}

const DEFAULT_HUB = 'registry.istio.io/release';

/**
 * Completes an installation: profile, then files, then `--set`.
 * @throws OperatorError for what Istio refuses, and for what the simulator does not have
 */
export function resolveOperator(input: OperatorInput = {}): Operator {
  const { name, spec: asked } = askedFor(input);
  const profile = textAt(asked, 'profile') || 'default';
  const base: JsonObject = { hub: DEFAULT_HUB, tag: ISTIO_VERSION, profile };
  const spec = merge(merge(base, profileSpec(profile)), asked);
  if (!input.isForced) refuseUnknown(spec);
  refuseMissingParts(spec);
  const values = merge(merge(DEFAULT_VALUES, compatibility(spec)), objectAt(spec, 'values'));
  return {
    name,
    profile,
    revision: revisionOf(spec),
    hub: textAt(values, 'global', 'hub') || textAt(spec, 'hub'),
    tag: textAt(values, 'global', 'tag') || textAt(spec, 'tag'),
    namespace: textAt(spec, 'namespace') || textAt(values, 'global', 'istioNamespace'),
    spec,
    values,
  };
}

function askedFor({ files = [], sets = [] }: OperatorInput): { name: string; spec: JsonObject } {
  let name = 'unknown';
  let spec: JsonObject = {};
  for (const file of files) {
    const operator = checkedFile(file);
    name = textAt(operator, 'metadata', 'name') || name;
    spec = merge(spec, objectAt(operator, 'spec'));
  }
  const flags = sets.map(parseSetFlag);
  // The profile decides what the other paths are laid over, lists of gateways included.
  const asked = flags.findLast(({ path }) => path[0]?.type === 'key' && path[0].key === 'profile');
  const profile = asked ? textAt(asked.value) : textAt(spec, 'profile') || 'default';
  if (flags.some(({ path }) => path.length > 1)) spec = merge(profileSpec(profile), spec);
  for (const { path, value } of flags) {
    const set = setAt(spec, path, value);
    spec = isObject(set) ? set : spec;
  }
  return { name, spec };
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

function refuseUnknown(spec: JsonObject): void {
  const unknown = unknownFields(spec);
  if (unknown.length === 0) return;
  throw new OperatorError(
    `validation errors (use --force to override): ${unknown.map((path) => `unknown field "${path}"`).join(', ')}`,
  );
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
  if (revision === '' || /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(revision)) {
    return revision === 'default' ? '' : revision;
  }
  throw new OperatorError(
    `invalid revision "${revision}": use lower case letters, digits and "-", so that it can be part of a name`,
  );
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
