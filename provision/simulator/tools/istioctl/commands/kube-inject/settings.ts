import { isObject, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { readInjectionSettings, type InjectionSettings } from '../../../../mesh/injection/index.ts';
import { OperatorError, resolveOperator } from '../../../install/index.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Invocation } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { getObject, listObjects, type KubeApi } from '../../kube/api.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { firstObject, readYaml } from '../../kube/yaml.ts';

/** What a manual injection works with. */
export interface Injector {
  readonly settings: InjectionSettings;
  /** Where objects without a namespace will go. */
  readonly namespace: string;
}

/**
 * The settings of the injector: files where flags name them, else what the cluster has.
 * @throws CommandError when a file cannot be read or the cluster has none
 */
export async function injector(invocation: Invocation): Promise<Injector> {
  const { flags } = invocation;
  const istioNamespace = flags.text('istioNamespace');
  const files = await fromFiles(invocation);
  if (files.mesh && files.values && files.config) {
    const { config, mesh, values } = files;
    return {
      settings: readInjectionSettings(values, istioNamespace, { config, mesh }),
      namespace: flags.text('namespace') || 'default',
    };
  }
  using api = await connect(invocation);
  const mesh = files.mesh ?? (await meshOf(api, invocation));
  const injection = await injectorMap(api, invocation);
  const values = files.values ?? (await parsed(injection, 'values'));
  const config = files.config ?? (await parsed(injection, 'config'));
  const proxyConfigs = (
    await listObjects(api, '/apis/networking.istio.io/v1beta1/proxyconfigs')
  ).map((object) => ({
    namespace: textAt(object, 'metadata', 'namespace'),
    spec: objectAt(object, 'spec'),
  }));
  return {
    // Whoever asks for a sidecar by hand gets one, whatever the policy for namespaces is.
    settings: readInjectionSettings(values, istioNamespace, {
      config: { ...config, policy: 'enabled' },
      mesh,
      proxyConfigs,
    }),
    namespace: namespaceOf(invocation, api),
  };
}

interface Parts {
  readonly mesh?: JsonObject;
  readonly values?: JsonObject;
  readonly config?: JsonObject;
}

async function fromFiles({ context, flags }: Invocation): Promise<Parts> {
  const read = async (flag: string) => {
    const file = flags.text(flag);
    return file === '' ? undefined : firstObject(await context.readText(file), file);
  };
  const [mesh, values, config] = [
    await read('meshConfigFile'),
    await read('valuesFile'),
    await read('injectConfigFile'),
  ];
  const operator = flags.text('operatorFileName');
  return {
    ...(mesh && { mesh }),
    ...(values && { values }),
    ...(config && { config }),
    ...(operator !== '' && (await fromOperator(context, operator))),
  };
}

/** An IstioOperator wins over the other files. */
async function fromOperator(context: Context, file: string): Promise<Parts> {
  try {
    const { spec, values } = resolveOperator({ files: await readYaml(context, [file]) });
    const { meshConfig } = spec;
    return { values, ...(isObject(meshConfig) && { mesh: meshConfig }) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new CommandError(error.message, EXIT.failed, { cause: error });
  }
}

async function meshOf(api: KubeApi, invocation: Invocation): Promise<JsonObject> {
  const { flags } = invocation;
  const named = flags.text('meshConfigMapName');
  const name = named === 'istio' ? `istio${suffix(invocation)}` : named;
  const found = await configMap(api, invocation, name);
  if (!found) {
    throw new CommandError(
      `could not read valid configmap "${name}" from namespace "${flags.text('istioNamespace')}": configmaps "${name}" not found - Use --meshConfigFile or re-run kube-inject with \`-i <istioSystemNamespace> and ensure valid MeshConfig exists`,
    );
  }
  if (textAt(found, 'data', 'mesh') === '') {
    throw new CommandError('missing configuration map key "mesh"');
  }
  return parsed(found, 'mesh');
}

async function injectorMap(api: KubeApi, invocation: Invocation): Promise<JsonObject> {
  const name = `istio-sidecar-injector${suffix(invocation)}`;
  const found = await configMap(api, invocation, name);
  if (found) return found;
  throw new CommandError(
    `could not find valid configmap "${name}" from namespace  "${invocation.flags.text('istioNamespace')}": configmaps "${name}" not found - Use --injectConfigFile or re-run kube-inject with \`-i <istioSystemNamespace>\` and ensure istio-sidecar-injector configmap exists`,
  );
}

/** The ConfigMaps of the revision that is asked for. */
function suffix({ flags }: Invocation): string {
  const revision = flags.text('revision');
  return revision === '' || revision === 'default' ? '' : `-${revision}`;
}

function configMap(
  api: KubeApi,
  { flags }: Invocation,
  name: string,
): Promise<JsonObject | undefined> {
  const namespace = flags.text('istioNamespace');
  return getObject(api, `/api/v1/namespaces/${namespace}/configmaps/${name}`);
}

async function parsed(object: JsonObject, key: string): Promise<JsonObject> {
  const name = textAt(object, 'metadata', 'name');
  const text = textAt(object, 'data', key);
  if (text === '') {
    throw new CommandError(`missing configuration map key "${key}" in "${name}"`);
  }
  return firstObject(text, `configmap ${name}`);
}
