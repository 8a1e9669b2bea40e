import { at } from '../../../../kinds/json.ts';
import {
  injectPod,
  wantsSidecar,
  type InjectionSettings,
} from '../../../../mesh/injection/index.ts';
import { textsAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { errorList } from '../../cli/error-list.ts';
import { injectDocuments, type Inject } from './documents.ts';
import { injector } from './settings.ts';

export const kubeInjectCommand: Command = {
  name: 'kube-inject',
  short: "Add Istio's sidecar to the workloads in a file",
  examples: `  # Without a label on the namespace
  kubectl apply -f <(istioctl kube-inject -f samples/curl/curl.yaml)

  # Of what already runs
  kubectl get deployment -o yaml | istioctl kube-inject -f - | kubectl apply -f -`,
  flags: [
    {
      name: 'filename',
      short: 'f',
      type: 'text',
      usage: 'File with workloads; - for standard input',
    },
    { name: 'revision', short: 'r', type: 'text', usage: 'Revision of the control plane' },
    { name: 'output', short: 'o', type: 'text', usage: 'File to write to' },
    {
      name: 'injectConfigFile',
      type: 'text',
      usage: 'Configuration of the injector, instead of that in the cluster',
    },
    {
      name: 'meshConfigFile',
      type: 'text',
      usage: 'Configuration of the mesh, instead of that in the cluster',
    },
    {
      name: 'meshConfigMapName',
      type: 'text',
      default: 'istio',
      usage: 'ConfigMap with the configuration of the mesh',
    },
    {
      name: 'operatorFileName',
      type: 'text',
      usage: 'File with an IstioOperator to take both from',
    },
    {
      name: 'valuesFile',
      type: 'text',
      usage: 'Values of the injector, instead of those in the cluster',
    },
    {
      name: 'webhookConfig',
      type: 'text',
      default: 'istio-sidecar-injector',
      usage: 'Accepted: the injector is found by its revision',
    },
  ],
  run: kubeInject,
};

async function kubeInject(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const file = flags.text('filename');
  if (file === '') {
    throw new CommandError(errorList(['filename not specified (see --filename or -f)']));
  }
  const text = await context.readText(file);
  const { settings, namespace } = await injector(invocation);
  const source = file === '-' ? 'standard input' : file;
  const warnings: string[] = [];
  const inject = injectWith(settings, namespace, (warning) => warnings.push(warning));
  const injected = await injectDocuments(text, source, inject);
  const output = flags.text('output');
  if (output === '') context.terminal.stdout(injected);
  else await context.writeText(output, injected);
  // istioctl sets them off by an empty line before and after.
  if (warnings.length > 0) {
    context.terminal.stderr(`\n${warnings.map((warning) => `${warning}\n`).join('')}`);
  }
  return EXIT.done;
}

function injectWith(
  settings: InjectionSettings,
  defaultNamespace: string,
  warn: (warning: string) => void,
): Inject {
  return ({ metadata, spec }, { kind, name, namespace: own }) => {
    const namespace = own || defaultNamespace;
    const labels = textsAt(metadata, 'labels');
    const annotations = textsAt(metadata, 'annotations');
    const skip = (reason: string) =>
      warn(
        `===> Skipping injection because ${kind} "${own === '' ? name : `${own}/${name}`}" has ${reason}\n`,
      );
    if (at(spec, 'hostNetwork') === true) {
      skip('host networking enabled');
      return undefined;
    }
    const subject = { namespace, labels, annotations, isOnHostNetwork: false };
    if (!wantsSidecar(subject, settings.config)) {
      if (annotations['sidecar.istio.io/status'] === undefined) skip('sidecar injection disabled');
      return undefined;
    }
    const injected = injectPod(
      { metadata: { labels, annotations }, spec },
      { namespace, workload: name },
      settings,
    );
    return { metadata: { ...metadata, ...injected.metadata }, spec: injected.spec };
  };
}
