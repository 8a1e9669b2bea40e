import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { EXIT, WrongArguments, type Invocation } from '../../cli/command.ts';
import { selectorText } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { describeIngress } from './ingress.ts';
import { describeServices } from './services.ts';
import { Subject } from './subject.ts';

/** `istioctl x describe service`. */
export async function describeService(invocation: Invocation): Promise<number> {
  if (invocation.args.length !== 1) throw new WrongArguments('expecting service name');
  using api = await connect(invocation);
  const subject = new Subject(invocation, api);
  const { name, namespace } = subject.named('service');
  const service = await subject.get('services', name, namespace);
  const selector = textsAt(service, 'spec', 'selector');
  const selected =
    Object.keys(selector).length === 0
      ? []
      : await subject.list('pods', namespace, selectorText(selector));
  const pods = selected.filter((pod) => isReady(subject, pod));
  const [pod] = pods;
  if (!pod) {
    sayNoPods(subject, service, selected.length);
    return EXIT.done;
  }
  const podLabels = pods.map((one) => textsAt(one, 'metadata', 'labels'));
  // As istioctl does: the first pod's proxy speaks for all.
  await describeServices(subject, { pod, services: [service], podLabels });
  await describeIngress(subject, [service], podLabels);
  return EXIT.done;
}

function sayNoPods(subject: Subject, service: JsonObject, count: number): void {
  const name = JSON.stringify(subject.nameOf(service));
  if (count === 0) {
    subject.say(`Service ${name} has no pods.`);
    return;
  }
  subject.say(`Service ${name} has no Istio pods.  (${count} pods in service).`);
  subject.say('Use `istioctl kube-inject` or redeploy with Istio automatic sidecar injection.');
}

/** Whether a pod's proxy can be asked; says why not. */
function isReady(subject: Subject, pod: JsonObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  if (phase !== 'Running') {
    subject.say(`Pod is not Running (${phase})`, 3);
    return false;
  }
  const status = ['containerStatuses', 'initContainerStatuses']
    .flatMap((field) => listAt(pod, 'status', field))
    .find((one) => textAt(one, 'name') === 'istio-proxy');
  if (status === undefined) {
    subject.say(`Pod ${subject.nameOf(pod)}: no container "istio-proxy" in pod`);
    return false;
  }
  if (objectAt(status)['ready'] === true) return true;
  subject.say(`WARNING: Pod ${subject.nameOf(pod)} Container istio-proxy NOT READY`);
  return false;
}
