import { isObject } from '../../../kinds/json.ts';
import type { Volume, VolumeMount } from '../../../kinds/types/core.ts';
import type { FileTree, Protection, SharedFolder } from '../../files/file-tree.ts';
import { subFolder } from '../../files/file-tree.ts';
import { resolvePath } from '../../files/paths.ts';
import { ConfigError, expandReferences } from '../environment.ts';
import type { VolumeContent, VolumeFile, VolumeSources } from './volumes.ts';
import { volumeContent } from './volumes.ts';

/** A volume at a place in a container. */
export interface MountedVolume {
  readonly mount: VolumeMount;
  readonly content: VolumeContent;
  readonly isReadOnly: boolean;
}

/** What the container's mounts hold now. */
export function mountedVolumes(
  mounts: readonly VolumeMount[],
  sources: VolumeSources,
  env: Readonly<Record<string, string>>,
): readonly MountedVolume[] {
  return mounts.flatMap((mount) => {
    const volume = sources.pod.spec.volumes?.find(({ name }) => name === mount.name);
    const content = volume && contentIfThere(volume, sources);
    if (!volume || !content) return [];
    const { subPathExpr } = mount;
    const subPath = subPathExpr ? expandReferences(subPathExpr, env) : mount.subPath;
    const isReadOnly =
      mount.readOnly === true || content.type === 'files' || isReadOnlyVolume(volume);
    return [{ mount: { ...mount, ...(subPath && { subPath }) }, content, isReadOnly }];
  });
}

function isReadOnlyVolume({ persistentVolumeClaim }: Volume): boolean {
  return isObject(persistentVolumeClaim) && persistentVolumeClaim['readOnly'] === true;
}

/** Undefined for a source that has gone since the pod started: its files stay as they were. */
function contentIfThere(volume: Volume, sources: VolumeSources): VolumeContent | undefined {
  try {
    return volumeContent(volume, sources);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

export interface MountOptions {
  /** Whether the tree has no volumes yet. */
  readonly isFirst: boolean;
  /** The pod's own folders by volume; undefined for a tree that must not see what containers share. */
  readonly podFolders: ReadonlyMap<string, SharedFolder> | undefined;
  readonly nowMs: number;
}

/** Writes volumes into a tree; a subPath is written once (ConfigMap volumes, "Mounted ConfigMaps are updated automatically"). */
export function mountAll(
  tree: FileTree,
  volumes: readonly MountedVolume[],
  { isFirst, podFolders, nowMs }: MountOptions,
): void {
  for (const { mount, content } of volumes) {
    const { mountPath, subPath, name } = mount;
    if (content.type === 'files') {
      if (isFirst || !subPath) writeFiles(tree, mount, content.files);
    } else if (isFirst) {
      const folder = podFolders && (content.folder ?? podFolders.get(name));
      if (!folder) tree.makeDirectory(mountPath, true);
      else tree.mount(mountPath, subPath ? subFolder(folder, subPath, nowMs) : folder);
    }
  }
}

function writeFiles(
  tree: FileTree,
  { mountPath, subPath }: VolumeMount,
  content: Readonly<Record<string, VolumeFile>>,
): void {
  const single = subPath === undefined ? undefined : content[subPath];
  if (single !== undefined) {
    tree.writeDeep(mountPath, single.content, single.mode);
    return;
  }
  tree.makeDirectory(mountPath, true);
  const prefix = subPath === undefined ? '' : `${subPath}/`;
  for (const [path, file] of Object.entries(content)) {
    if (!path.startsWith(prefix)) continue;
    tree.writeDeep(resolvePath(mountPath, path.slice(prefix.length)), file.content, file.mode);
  }
  for (const path of goneFrom(tree, mountPath, content)) tree.remove(path, false);
}

/** Files of an earlier version of the volume. */
function goneFrom(
  tree: FileTree,
  mountPath: string,
  content: Readonly<Record<string, VolumeFile>>,
): readonly string[] {
  const kept = new Set(Object.keys(content).map((path) => resolvePath(mountPath, path)));
  const known = tree.list(mountPath).map((name) => resolvePath(mountPath, name));
  return known.filter((path) => tree.find(path)?.type === 'file' && !kept.has(path));
}

/** What commands must not change: the container's own files, if it says so, and read-only mounts. */
export function protectionOf(
  volumes: readonly MountedVolume[],
  isRootReadOnly: boolean,
): readonly Protection[] {
  return [
    // A container's devices are no part of its image.
    ...(isRootReadOnly
      ? [
          { path: '/', isReadOnly: true },
          { path: '/dev', isReadOnly: false },
        ]
      : []),
    ...volumes.map(({ mount, isReadOnly }) => ({ path: mount.mountPath, isReadOnly })),
  ];
}
