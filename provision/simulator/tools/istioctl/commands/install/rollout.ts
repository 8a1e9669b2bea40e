import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import type { ComponentManifests, ComponentName } from '../../../install/index.ts';
import { textAt, textsAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { listObjects, selectorText, type KubeApi } from '../../kube/api.ts';
import { applyObject } from '../../kube/apply.ts';
import {
  isEstablished,
  isRolledOut,
  NotReady,
  waitUntilReady,
  type Wait,
} from '../../kube/wait.ts';
import type { Progress } from '../../terminal/progress.ts';
import { COMPONENT_TITLES } from './component-titles.ts';

export interface RolloutOptions {
  readonly progress: Progress;
  readonly timeoutMs: number;
  readonly isDryRun: boolean;
}

/**
 * Applies components and waits for each: what others build on first, gateways together after istiod.
 * @throws CommandError for the first component that cannot be installed
 */
export async function rollOut(
  api: KubeApi,
  components: readonly ComponentManifests[],
  options: RolloutOptions,
): Promise<void> {
  const board = new Board(
    options.progress,
    components.map(({ component }) => component),
  );
  const gateways = components.filter(({ component }) => GATEWAYS.has(component));
  for (const manifests of components) {
    if (!GATEWAYS.has(manifests.component)) await rollOutOne(api, manifests, { ...options, board });
  }
  await Promise.all(gateways.map((one) => rollOutOne(api, one, { ...options, board })));
}

const GATEWAYS: ReadonlySet<ComponentName> = new Set(['IngressGateways', 'EgressGateways']);

/** Unfinished components and the objects they wait for, on one line. */
class Board {
  readonly #progress: Progress;
  readonly #unfinished: Set<ComponentName>;
  readonly #waiting = new Map<ComponentName, readonly string[]>();

  constructor(progress: Progress, components: readonly ComponentName[]) {
    this.#progress = progress;
    this.#unfinished = new Set(components);
    this.#show();
  }

  waiting(component: ComponentName, objects: readonly string[]): void {
    this.#waiting.set(component, objects);
    this.#show();
  }

  done(component: ComponentName): void {
    this.#unfinished.delete(component);
    this.#waiting.delete(component);
    const { name, sign } = COMPONENT_TITLES[component];
    this.#progress.done(`${name} installed ${sign}`);
    this.#show();
  }

  #show(): void {
    if (this.#unfinished.size === 0) return;
    const names = [...this.#unfinished].map((component) => COMPONENT_TITLES[component].name);
    const waiting = [...this.#waiting.values()].flat().toSorted();
    const wait = waiting.length > 0 ? ` Waiting for ${waiting.join(', ')}` : '';
    this.#progress.working(`Processing resources for ${names.toSorted().join(', ')}.${wait}`);
  }
}

async function rollOutOne(
  api: KubeApi,
  { component, objects }: ComponentManifests,
  { board, isDryRun, progress, timeoutMs }: RolloutOptions & { readonly board: Board },
): Promise<void> {
  try {
    if (!isDryRun) {
      for (const object of objects) await applyObject(api, object);
      await waitForDefinitions(api, objects, timeoutMs);
      await waitForDeployments(api, objects, {
        onPending: (names) => board.waiting(component, names),
        timeoutMs,
      });
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    progress.failed(`${COMPONENT_TITLES[component].name} encountered an error: ${error.message}`);
    throw new CommandError(`failed to install manifests: ${error.message}`, undefined, {
      cause: error,
    });
  }
  board.done(component);
}

async function waitForDefinitions(
  api: KubeApi,
  objects: ComponentManifests['objects'],
  timeoutMs: number,
): Promise<void> {
  const names = namesOf(objects, 'CustomResourceDefinition');
  if (names.length === 0) return;
  await waitInTime(
    {
      collection: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      names,
      describe: (name) => `CustomResourceDefinition/${name}`,
      isReady: isEstablished,
      onPending: () => {},
      timeoutMs,
    },
    { api, reasonOf: async () => '' },
  );
}

async function waitForDeployments(
  api: KubeApi,
  objects: ComponentManifests['objects'],
  options: { readonly onPending: (names: readonly string[]) => void; readonly timeoutMs: number },
): Promise<void> {
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  const namespaces = new Set(deployments.map(({ metadata }) => metadata.namespace ?? ''));
  await Promise.all(
    [...namespaces].map((namespace) => {
      const own = deployments.filter(({ metadata }) => metadata.namespace === namespace);
      return waitInTime(
        {
          collection: `/apis/apps/v1/namespaces/${namespace}/deployments`,
          names: namesOf(own, 'Deployment'),
          isReady: isRolledOut,
          describe: (name) => `Deployment/${namespace}/${name}`,
          ...options,
        },
        {
          api,
          reasonOf: (name) =>
            failureReason(
              api,
              namespace,
              own.find(({ metadata }) => metadata.name === name),
            ),
        },
      );
    }),
  );
}

interface Reasons {
  readonly api: KubeApi;
  /** Why the named object is not ready; empty when nothing tells. */
  readonly reasonOf: (name: string) => Promise<string>;
}

/** Waits, and says of everything that did not become ready why. */
async function waitInTime(wait: Wait, { api, reasonOf }: Reasons): Promise<void> {
  try {
    await waitUntilReady(api, wait);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    const lines = await Promise.all(
      error.names.map(async (name) => {
        const reason = await reasonOf(name);
        return reason === '' ? '\n  ' : `\n  ${wait.describe(name)} (${reason})`;
      }),
    );
    throw new CommandError(
      `failed to wait for resource: ${error.message}${lines.join('')}`,
      undefined,
      { cause: error },
    );
  }
}

/** What stands in the way of a Deployment's newest pod: a container that waits, else the pod's own message. */
async function failureReason(
  api: KubeApi,
  namespace: string,
  deployment: ComponentManifests['objects'][number] | undefined,
): Promise<string> {
  const selector = selectorText(textsAt(objectAt(deployment, 'spec', 'selector', 'matchLabels')));
  const pods = await listObjects(api, `/api/v1/namespaces/${namespace}/pods`, selector);
  for (const pod of pods.toSorted((one, other) => (createdAt(one) < createdAt(other) ? 1 : -1))) {
    const waiting = listAt(pod, 'status', 'containerStatuses')
      .map((status) => objectAt(status, 'state', 'waiting'))
      .find((state) => textAt(state, 'reason') !== '');
    if (waiting) {
      return `container failed to start: ${textAt(waiting, 'reason')}: ${textAt(waiting, 'message')}`;
    }
    const ready = listAt(pod, 'status', 'conditions').find(
      (condition) =>
        textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'False',
    );
    if (ready !== undefined) return textAt(ready, 'message');
  }
  return '';
}

function createdAt(pod: JsonObject): string {
  return textAt(pod, 'metadata', 'creationTimestamp');
}

function namesOf(objects: ComponentManifests['objects'], kind: string): readonly string[] {
  return objects.flatMap((object) =>
    object.kind === kind && object.metadata.name !== undefined ? [object.metadata.name] : [],
  );
}
