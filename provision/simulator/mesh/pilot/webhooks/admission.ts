import type { ClusterClient } from '../../../client/client.ts';
import { objectAt, stringAt, stringMapAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { type HttpHandler, HttpHeaders, type HttpResponse } from '../../../net/http.ts';
import {
  injectPod,
  type InjectionSettings,
  type PodParts,
  wantsSidecar,
} from '../../injection/index.ts';
import { owningWorkload } from '../registry/workload-owner.ts';
import { expressionProblem } from '../validation/expressions.ts';
import { isValidated, validate } from '../validation/index.ts';
import { injectionSettings } from './injector-settings.ts';

/**
 * Answers the API server's admission reviews: `/inject` gives pods their sidecar, `/validate` checks Istio's objects.
 * @param plane the namespace of this istiod, and its revision (`default` for the one without a name)
 */
export function admissionHandler(
  client: ClusterClient,
  istioNamespace: string,
  plane: { readonly revision?: string; readonly canBeNative?: boolean } = {},
): HttpHandler {
  return async ({ path, body }) => {
    const review: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const request = objectAt(review, 'request');
    const response = path.startsWith('/inject')
      ? inject(request, () => injectionSettings(client, { istioNamespace, ...plane }))
      : verdictOn(request);
    const answer = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request['uid'], ...response },
    };
    return json(answer);
  };
}

function inject(request: JsonObject, settingsNow: () => InjectionSettings): JsonObject {
  const pod = objectAt(request, 'object');
  const metadata = objectAt(pod, 'metadata');
  const spec = objectAt(pod, 'spec');
  const namespace = textIn(request, 'namespace') ?? 'default';
  const subject = {
    namespace,
    labels: stringMapAt(metadata, 'labels'),
    annotations: stringMapAt(metadata, 'annotations'),
    isOnHostNetwork: spec['hostNetwork'] === true,
  };
  const settings = settingsNow();
  if (!wantsSidecar(subject, settings.config)) return { allowed: true };
  const parts = {
    metadata: { ...metadata, labels: subject.labels, annotations: subject.annotations },
    spec,
  };
  try {
    const injected = injectPod(parts, owningWorkload(metadata, namespace), settings);
    return { allowed: true, ...patchTo(injected) };
  } catch (error) {
    // What a pod's author wrote wrong comes back to the author, as istiod's own answer.
    const message = error instanceof Error ? error.message : String(error);
    return { allowed: false, status: { message } };
  }
}

function patchTo({ metadata, spec }: PodParts): JsonObject {
  const patch = [
    { op: 'replace', path: '/metadata', value: metadata },
    { op: 'replace', path: '/spec', value: spec },
  ];
  return {
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
}

/** istiod's answer to a review: of anything but a new or changed object it says nothing. */
function verdictOn(request: JsonObject): JsonObject {
  const { object, operation } = request;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return { allowed: true };
  if (!isValidated(stringAt(object, 'kind'))) {
    return { allowed: false, status: { message: `unrecognized type ${typeText(request)}` } };
  }
  const { errors, warnings, text } = validate(objectAt(object), expressionProblem);
  // Without a reason, as istiod leaves it: kubectl then says `Error from server:` alone.
  if (errors.length > 0) {
    return { allowed: false, status: { message: `configuration is invalid: ${text}` } };
  }
  return { allowed: true, ...(warnings.length > 0 && { warnings }) };
}

/** A type as istiod prints it: `networking.istio.io/v1, Kind=Unknown`. */
function typeText(request: JsonObject): string {
  const object = objectAt(request, 'object');
  return `${stringAt(object, 'apiVersion')}, Kind=${stringAt(object, 'kind')}`;
}

function json(value: object): HttpResponse {
  return {
    status: 200,
    headers: new HttpHeaders([['content-type', 'application/json']]),
    body: Buffer.from(JSON.stringify(value)),
  };
}

function textIn(value: JsonObject, name: string): string | undefined {
  const found = value[name];
  return typeof found === 'string' ? found : undefined;
}
