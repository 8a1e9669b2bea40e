import { isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { matchesLabels } from '../../../../kinds/selectors/labels.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { EXIT, type Invocation } from '../../cli/command.ts';
import { connect } from '../../kube/connect.ts';
import { injectedRevision, proxyContainer, runsAsProxy } from '../../kube/proxies.ts';
import { missingTelemetryLabels } from '../../kube/telemetry-labels.ts';
import { describeIngress } from './ingress.ts';
import { describePeerAuthentication } from './peer-authentication.ts';
import { describeServices } from './services.ts';
import { RULE, Subject } from './subject.ts';

const REQUIREMENTS = 'https://istio.io/v1.30/docs/ops/deployment/requirements/';
const REQUIREMENTS_OF_OLD = 'https://istio.io/docs/setup/kubernetes/additional-setup/requirements/';

/** `istioctl x describe pod`. */
export async function describePod(invocation: Invocation): Promise<number> {
  using api = await connect(invocation);
  const subject = new Subject(invocation, api);
  const { name, namespace } = subject.named('pod');
  const pod = await subject.get('pods', name, namespace);
  sayPod(subject, pod);
  const labels = textsAt(pod, 'metadata', 'labels');
  const services = (await subject.list('services', namespace)).filter((service) => {
    const selector = textsAt(service, 'spec', 'selector');
    return Object.keys(selector).length > 0 && matchesLabels(selector, labels);
  });
  if (services.length === 0 && !subject.isUnmeshedIgnored) {
    subject.say(
      `Warning: No Kubernetes Services select pod ${subject.nameOf(pod)} (see ${REQUIREMENTS_OF_OLD} )`,
    );
  }
  subject.say(RULE);
  await describeServices(subject, { pod, services, podLabels: [labels] });
  subject.say(RULE);
  await describePeerAuthentication(subject, namespace, labels);
  await describeIngress(subject, services, [labels]);
  return EXIT.done;
}

function sayPod(subject: Subject, pod: JsonObject): void {
  const containers = listAt(pod, 'spec', 'containers').filter(isObject);
  const ports = containers.flatMap((container) =>
    listAt(container, 'ports').map((port) => {
      const protocol = textAt(port, 'protocol') || 'TCP';
      const shown = protocol === 'TCP' ? '' : `/${protocol}`;
      return `${textAt(port, 'containerPort')}${shown} (${textAt(container, 'name')})`;
    }),
  );
  for (const container of containers) {
    if (textAt(container, 'name') === 'istio-proxy' || !runsAsProxy(container)) continue;
    subject.say('WARNING: User ID (UID) 1337 is reserved for the sidecar proxy.');
  }
  subject.say(`Pod: ${subject.nameOf(pod)}`);
  subject.say(`Pod Revision: ${injectedRevision(pod)}`, 3);
  subject.say(ports.length > 0 ? `Pod Ports: ${ports.join(', ')}` : 'Pod does not expose ports', 3);
  const phase = textAt(pod, 'status', 'phase');
  if (phase !== 'Running') {
    subject.say(`Pod is not Running (${phase})`, 3);
    return;
  }
  sayReadiness(subject, pod);
  if (subject.isUnmeshedIgnored) return;
  if (!proxyContainer(pod['spec'])) {
    subject.say(`WARNING: ${subject.nameOf(pod)} is not part of mesh; no Istio sidecar`);
    return;
  }
  if (runsAsProxy(objectAt(pod, 'spec'))) {
    subject.say('WARNING: User ID (UID) 1337 is reserved for the sidecar proxy.', 3);
  }
  saySuggestions(subject, textsAt(pod, 'metadata', 'labels'));
}

function sayReadiness(subject: Subject, pod: JsonObject): void {
  const kinds = [
    ['containerStatuses', 'Container'],
    ['initContainerStatuses', 'Init Container'],
  ] as const;
  for (const [field, title] of kinds) {
    for (const status of listAt(pod, 'status', field).filter(isObject)) {
      if (status['ready'] === true) continue;
      subject.say(
        `WARNING: Pod ${subject.nameOf(pod)} ${title} ${textAt(status, 'name')} NOT READY`,
      );
    }
  }
}

function saySuggestions(subject: Subject, labels: Readonly<Record<string, string>>): void {
  for (const what of missingTelemetryLabels(labels)) {
    subject.say(
      `Suggestion: add required service ${what} label for Istio telemetry. See ${REQUIREMENTS}.`,
    );
  }
}
