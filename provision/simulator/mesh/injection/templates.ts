import { parse } from 'yaml';

import { isObject, objectAt, stringsAt, stringAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import type { InjectionSettings } from './settings.ts';

/** What a pod is injected with. */
export interface ChosenTemplates {
  readonly base: 'sidecar' | 'gateway';
  /** Parts of a pod laid over it, in order: an installation's own templates. */
  readonly custom: readonly JsonObject[];
}

const BUILT_IN = ['gateway', 'grpc-agent', 'grpc-simple', 'sidecar'];

/**
 * The templates that the annotation `inject.istio.io/templates` names, else the installation's default
 * (https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#custom-templates-experimental).
 * @throws Error for a template that nobody has, or that is not simulated
 */
export function chosenTemplates(annotations: Labels, settings: InjectionSettings): ChosenTemplates {
  const own = annotations['inject.istio.io/templates'];
  const byDefault = stringsAt(settings.config, 'defaultTemplates');
  const names = own?.split(',').map((name) => name.trim()) ?? byDefault;
  const installed = objectAt(settings.values, 'sidecarInjectorWebhook', 'templates');
  let base: ChosenTemplates['base'] = 'sidecar';
  const custom: JsonObject[] = [];
  for (const name of names) {
    if (name === 'sidecar' || name === 'gateway') base = name;
    else if (name in installed) custom.push(customTemplate(name, stringAt(installed, name)));
    else throw missing(name, Object.keys(installed));
  }
  return { base, custom };
}

function missing(name: string, installed: readonly string[]): Error {
  if (BUILT_IN.includes(name)) {
    return new Error(`injection template "${name}" is not simulated: gRPC without a proxy`);
  }
  const have = [...BUILT_IN, ...installed].toSorted().join(', ');
  return new Error(`requested template "${name}" not found; have ${have}`);
}

function customTemplate(name: string, text: string): JsonObject {
  if (text.includes('{{')) {
    throw new Error(
      `injection template "${name}" is not simulated: templates are plain YAML here, without {{ … }}`,
    );
  }
  const value: unknown = parse(text);
  return isObject(value) ? value : {};
}
