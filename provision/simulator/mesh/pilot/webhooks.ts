import type { ClusterClient } from '../../client/client.ts';
import { objectAt, stringMapAt } from '../../kinds/json.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { configMaps } from '../../kinds/resources.ts';
import { type HttpHandler, HttpHeaders, type HttpResponse } from '../../net/http.ts';
import { injectPod, readInjectionSettings, wantsSidecar } from '../injection/index.ts';
import { validateIstioObject } from './validation/index.ts';

/** Answers the API server's admission reviews: `/inject` gives pods their sidecar, `/validate` checks Istio's objects. */
export function admissionHandler(client: ClusterClient, istioNamespace: string): HttpHandler {
  return async ({ path, body }) => {
    const review: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const request = objectAt(review, 'request');
    const response = path.startsWith('/inject')
      ? inject(request, client, istioNamespace)
      : validate(request);
    const answer = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request['uid'], ...response },
    };
    return json(answer);
  };
}

function inject(request: JsonObject, client: ClusterClient, istioNamespace: string): JsonObject {
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
  if (!wantsSidecar(subject)) return { allowed: true };
  const values = client.get(configMaps, 'istio-sidecar-injector', istioNamespace)?.data?.['values'];
  const settings = readInjectionSettings(parseJson(values), istioNamespace);
  const injected = injectPod(
    { metadata: { ...metadata, labels: subject.labels, annotations: subject.annotations }, spec },
    { namespace, workload: workloadName(metadata) },
    settings,
  );
  const patch = [
    { op: 'replace', path: '/metadata', value: injected.metadata },
    { op: 'replace', path: '/spec', value: injected.spec },
  ];
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
}

function validate(request: JsonObject): JsonObject {
  const problems = validateIstioObject(objectAt(request, 'object'));
  if (problems.length === 0) return { allowed: true };
  const [first] = problems;
  const text =
    problems.length === 1
      ? String(first)
      : `${problems.length} errors occurred:\n${problems.map((problem) => `\t* ${problem}\n`).join('')}\n`;
  return {
    allowed: false,
    status: { code: 400, message: `configuration is invalid: ${text}`, reason: 'BadRequest' },
  };
}

/** The Deployment's name where the pod's name will be made from a ReplicaSet's; else the pod's own. */
function workloadName(metadata: JsonObject): string {
  const generated = textIn(metadata, 'generateName');
  const hash = stringMapAt(metadata, 'labels')['pod-template-hash'];
  const name = generated?.replace(/-$/, '') ?? textIn(metadata, 'name') ?? '';
  return hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name;
}

function json(value: object): HttpResponse {
  return {
    status: 200,
    headers: new HttpHeaders([['content-type', 'application/json']]),
    body: Buffer.from(JSON.stringify(value)),
  };
}

function parseJson(text: string | undefined): unknown {
  return text === undefined ? {} : JSON.parse(text);
}

function textIn(value: JsonObject, name: string): string | undefined {
  const found = value[name];
  return typeof found === 'string' ? found : undefined;
}
