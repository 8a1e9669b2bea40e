import { at } from '../../../../kinds/json.ts';
import {
  injectPod,
  readInjectionSettings,
  wantsSidecar,
  type InjectionSettings,
} from '../../../../mesh/injection/index.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { getObject } from '../../kube/api.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { injectDocuments, type Inject } from './documents.ts';

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
    {
      name: 'valuesFile',
      type: 'text',
      usage: 'Values of the injector, instead of those in the cluster',
    },
  ],
  run: kubeInject,
};

async function kubeInject(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const file = flags.text('filename');
  if (file === '')
    throw new CommandError('filename not specified (see --filename or -f)', EXIT.usage);
  const text = await context.readText(file);
  const { settings, namespace } = await injector(invocation);
  const source = file === '-' ? 'standard input' : file;
  const injected = await injectDocuments(text, source, injectWith(settings, namespace));
  context.terminal.stdout(injected);
  return EXIT.done;
}

interface Injector {
  readonly settings: InjectionSettings;
  /** Where objects without a namespace will go. */
  readonly namespace: string;
}

async function injector(invocation: Invocation): Promise<Injector> {
  const { context, flags } = invocation;
  const istioNamespace = flags.text('istioNamespace');
  const valuesFile = flags.text('valuesFile');
  if (valuesFile !== '') {
    const values = parsedValues(await context.readText(valuesFile), valuesFile);
    return {
      settings: readInjectionSettings(values, istioNamespace),
      namespace: flags.text('namespace') || 'default',
    };
  }
  using api = await connect(invocation);
  const revision = flags.text('revision');
  const name =
    revision === '' || revision === 'default'
      ? 'istio-sidecar-injector'
      : `istio-sidecar-injector-${revision}`;
  const found = await getObject(api, `/api/v1/namespaces/${istioNamespace}/configmaps/${name}`);
  if (!found) {
    throw new CommandError(
      `could not read valid configmap "${name}" from namespace "${istioNamespace}": configmaps "${name}" not found - Use --valuesFile or re-run kube-inject with '-i <istioSystemNamespace>' and ensure istio-sidecar-injector is installed`,
    );
  }
  return {
    settings: readInjectionSettings(
      parsedValues(textAt(found, 'data', 'values'), `configmap ${name}`),
      istioNamespace,
    ),
    namespace: namespaceOf(invocation, api),
  };
}

function parsedValues(text: string, source: string): unknown {
  try {
    const values: unknown = JSON.parse(text);
    return values;
  } catch (cause) {
    throw new CommandError(`cannot read the values in ${source}: ${String(cause)}`, EXIT.badData, {
      cause,
    });
  }
}

function injectWith(settings: InjectionSettings, defaultNamespace: string): Inject {
  return ({ metadata, spec }, workload) => {
    const namespace = workload.namespace || defaultNamespace;
    const labels = textsAt(metadata, 'labels');
    const annotations = textsAt(metadata, 'annotations');
    const isOnHostNetwork = at(spec, 'hostNetwork') === true;
    if (!wantsSidecar({ namespace, labels, annotations, isOnHostNetwork })) return undefined;
    const injected = injectPod(
      { metadata: { labels, annotations }, spec },
      { namespace, workload: workload.name },
      settings,
    );
    return { metadata: { ...metadata, ...injected.metadata }, spec: injected.spec };
  };
}
