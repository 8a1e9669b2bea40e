import { isObject, listAt, numberAt } from '../../../kinds/json.ts';
import type { Tool, ToolContext } from '../../../programs/program.ts';
import { output, refusal } from './answer.ts';

const whoami: Tool = async (_args, context) => {
  const { name, uid } = identityOf(context);
  return name === undefined ? refusal(`whoami: unknown uid ${uid}`) : output(`${name}\n`);
};

/** Who the container's security context says ("Configure a Security Context for a Pod or Container"). */
const id: Tool = async (args, context) => {
  const { name, uid } = identityOf(context);
  const gid = groupOf(context, uid) ?? (name === undefined ? 0 : uid);
  const groupName = gid === 0 ? 'root' : gid === uid ? name : undefined;
  if (args.includes('-u')) return output(`${args.includes('-n') ? (name ?? uid) : uid}\n`);
  if (args.includes('-g')) return output(`${args.includes('-n') ? (groupName ?? gid) : gid}\n`);
  const groups = [...new Set([gid, ...moreGroups(context)])].toSorted((one, other) => one - other);
  if (args.includes('-G')) return output(`${groups.join(' ')}\n`);
  const shown = groups.map((group) => withName(group, group === gid ? groupName : undefined));
  return output(
    `uid=${withName(uid, name)} gid=${withName(gid, groupName)} groups=${shown.join(',')}\n`,
  );
};

interface Identity {
  /** Absent for a number that /etc/passwd does not know. */
  readonly name?: string;
  readonly uid: number;
}

/** Whom the container's own process runs as. */
function identityOf({ env, files, processes }: ToolContext): Identity {
  const user = env['USER'] ?? processes.list()[0]?.user ?? 'root';
  const entries = (files.readText('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'));
  const entry = entries.find(([name, , uid]) => name === user || uid === user);
  if (entry) return { name: entry[0] ?? user, uid: Number(entry[2]) };
  return /^\d+$/.test(user) ? { uid: Number(user) } : { name: user, uid: 0 };
}

/** runAsGroup of the container that runs as the user, else of the pod. */
function groupOf({ pod }: ToolContext, uid: number): number | undefined {
  const own = pod.spec.containers.find(
    (container) => numberAt(container, 'securityContext', 'runAsUser') === uid,
  );
  const ownGroup = own && numberAt(own, 'securityContext', 'runAsGroup');
  return ownGroup ?? numberAt(pod.spec, 'securityContext', 'runAsGroup');
}

/** fsGroup and supplementalGroups of the pod. */
function moreGroups({ pod }: ToolContext): readonly number[] {
  const context: unknown = pod.spec.securityContext;
  if (!isObject(context)) return [];
  const { fsGroup } = context;
  const supplemental = listAt(context, 'supplementalGroups');
  return [fsGroup, ...supplemental].filter((group) => typeof group === 'number');
}

function withName(number: number, name: string | undefined): string {
  return name === undefined ? String(number) : `${number}(${name})`;
}

/** Commands that say who one is. */
export const IDENTITY_TOOLS: Readonly<Record<string, Tool>> = { id, whoami };
