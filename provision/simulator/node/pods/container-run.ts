import { randomUUID } from 'node:crypto';

import type { Container, Pod, Volume, VolumeMount } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import type { Program, RunningProgram } from '../../programs/program.ts';
import { CLUSTER_DNS_IP } from '../cluster-dns.ts';
import type { FileChanges } from '../files/changes.ts';
import { applyChanges, changesBetween } from '../files/changes.ts';
import type { SharedFolder } from '../files/file-tree.ts';
import { FileTree } from '../files/file-tree.ts';
import { resolvePath } from '../files/paths.ts';
import type { ExecOptions, ExecProcess } from '../kubelet.ts';
import { EXEC_LIMIT_PROCESSES } from '../limits.ts';
import { ContainerLog } from '../logs/container-log.ts';
import { type Usage, usageOf } from '../metrics/container-usage.ts';
import { Meter } from '../metrics/meter.ts';
import { MeteredInterface } from '../metrics/metered-interface.ts';
import { resolveCommand } from '../shell/command-line.ts';
import { toolsOf } from '../shell/commands/index.ts';
import type { ShellContainer } from '../shell/container.ts';
import { startProcess } from '../shell/exec.ts';
import { layOutImage } from '../shell/image-files.ts';
import { ProcessTable } from '../shell/processes.ts';
import { ConfigError } from './environment.ts';
import type { PodHost } from './host.ts';
import { OwnProcess } from './own-process.ts';
import type { VolumeContent, VolumeSources } from './volumes.ts';
import { volumeContent } from './volumes.ts';

export interface RunOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly program: Program;
  readonly host: PodHost;
  readonly network: NetworkInterface;
  readonly env: Readonly<Record<string, string>>;
  /** emptyDir volumes, by name. */
  readonly folders: ReadonlyMap<string, SharedFolder>;
  /** Changes to the files that an earlier life of this run made. */
  readonly savedFiles?: FileChanges;
}

/** One run of a container, from its start to its end: its program, log, files and processes. */
export class ContainerRun implements Disposable {
  readonly log: ContainerLog;
  readonly id = `containerd://${randomUUID().replaceAll('-', '')}${randomUUID().replaceAll('-', '')}`;
  /** Settles with the exit status. */
  readonly exited: Promise<number>;
  readonly #options: RunOptions;
  readonly #processes: ProcessTable;
  readonly #meter: Meter;
  readonly #network: NetworkInterface;
  readonly #stopped = Promise.withResolvers<number>();
  readonly #execs = new Set<ExecProcess>();
  readonly #program: RunningProgram;
  #own: OwnProcess | undefined;
  #files: FileTree | undefined;
  #volumeVersion = '';

  /** @throws Error when the program cannot start: a real container would exit at once */
  constructor(options: RunOptions) {
    this.#options = options;
    const { host, program, pod, container } = options;
    this.log = new ContainerLog(host.clock);
    this.#meter = new Meter(host.clock);
    this.#network = new MeteredInterface(options.network, this.#meter);
    this.#processes = new ProcessTable(host.clock);
    this.#processes.start({
      command: commandText(options),
      user: userOf(program).name,
      onSignal: (signal) => this.stop(128 + signal),
    });
    this.#program = program.start({
      pod,
      container,
      env: options.env,
      network: this.#network,
      clock: host.clock,
      random: host.random,
      log: (line) => this.log.writeLine(line),
      client: host.client,
      readFile: (path) => this.#tree().readText(path),
      run: (command) => this.#run(command),
    });
    this.exited = Promise.race([this.#program.exited, this.#stopped.promise]).then((exitCode) => {
      this.#close();
      return exitCode;
    });
  }

  /** Ends the program; `exitCode` is what the container ends with when the program has none of its own. */
  stop(exitCode: number): void {
    this.#program.stop();
    this.#stopped.resolve(exitCode);
  }

  /** @throws Error when too many commands run in the container */
  exec(options: ExecOptions): ExecProcess {
    if (this.#execs.size >= EXEC_LIMIT_PROCESSES) {
      throw new Error(
        `Cannot run a command in the container: ${EXEC_LIMIT_PROCESSES} are running already`,
      );
    }
    const process = startProcess(this.#shell(), options);
    this.#execs.add(process);
    const forget = () => void this.#execs.delete(process);
    process.exited.then(forget, forget);
    return process;
  }

  /** What commands have changed in the container's files; undefined when nobody has looked at them. */
  changedFiles(): FileChanges | undefined {
    if (!this.#files) return this.#options.savedFiles;
    const original = this.#newTree();
    this.#mount(original, this.#volumes(), true);
    const changes = changesBetween(original, this.#files);
    return Object.keys(changes).length > 0 ? changes : undefined;
  }

  /** What the container uses now; `seed` tells moments and containers apart. */
  usage(seed: number): Usage {
    return usageOf({
      container: this.#options.container,
      requestsPerSecond: this.#meter.perSecond(),
      processes: this.#processes.list(),
      seed,
    });
  }

  /** The program's own input and output; programs that are no shell have output only. */
  attach(options: ExecOptions): ExecProcess {
    this.#own ??= new OwnProcess(this.log, this.exited);
    return this.#own.attach(options);
  }

  [Symbol.dispose](): void {
    this.stop(137);
  }

  #run(command: readonly string[]): RunningProgram {
    const { container } = this.#options;
    const shell = this.#shell();
    const invocation = resolveCommand(command, shell, shell.workingDir);
    if (invocation.type === 'refused') throw new Error(startFailure(invocation.message));
    const process = startProcess(shell, {
      command,
      isTty: container.tty ?? false,
      hasStdin: container.stdin ?? false,
    });
    this.#own = new OwnProcess(this.log, process.exited, process);
    return { exited: process.exited, stop: () => process.kill() };
  }

  #close(): void {
    for (const process of this.#execs) process.kill();
    this.log.close();
  }

  #shell(): ShellContainer {
    const { pod, program, container, env, host } = this.#options;
    return {
      pod,
      hostname: pod.spec.hostname ?? pod.metadata.name,
      files: this.#tree(),
      env,
      network: this.#network,
      clock: host.clock,
      random: host.random,
      workingDir: container.workingDir ?? program.workingDir ?? '/',
      processes: this.#processes,
      ...imageOf(program),
    };
  }

  /** The container's files, made when first looked at; volumes as they are now. */
  #tree(): FileTree {
    const isFirst = this.#files === undefined;
    this.#files ??= this.#newTree();
    const volumes = this.#volumes();
    const version = JSON.stringify(volumes);
    if (version !== this.#volumeVersion) this.#mount(this.#files, volumes, isFirst);
    this.#volumeVersion = version;
    if (isFirst && this.#options.savedFiles) applyChanges(this.#files, this.#options.savedFiles);
    return this.#files;
  }

  #newTree(): FileTree {
    const { pod, program, host, network } = this.#options;
    const files = new FileTree(() => host.clock.now());
    layOutImage(files, imageOf(program));
    const name = pod.spec.hostname ?? pod.metadata.name;
    const namespace = pod.metadata.namespace ?? 'default';
    files.write('/etc/hostname', `${name}\n`);
    files.write('/etc/hosts', `127.0.0.1\tlocalhost\n${network.ip}\t${name}\n`);
    files.write(
      '/etc/resolv.conf',
      `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\n` +
        `nameserver ${CLUSTER_DNS_IP}\noptions ndots:5\n`,
    );
    for (const [path, content] of Object.entries(program.files ?? {})) {
      files.writeDeep(path, content);
    }
    if (program.workingDir) files.makeDirectory(program.workingDir, true);
    return files;
  }

  #volumes(): readonly MountedVolume[] {
    const { pod, container, host, network } = this.#options;
    const sources = {
      client: host.client,
      pod,
      podIp: network.ip,
      hostIp: host.ip,
      serviceAccountToken: (audience: string) => host.serviceAccountToken(pod, audience),
    };
    return (container.volumeMounts ?? []).flatMap((mount) => {
      const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
      const content = volume && contentIfThere(volume, sources);
      return content ? [{ mount, content }] : [];
    });
  }

  /** Writes volumes; a subPath is written once (ConfigMap volumes, "Mounted ConfigMaps are updated automatically"). */
  #mount(files: FileTree, volumes: readonly MountedVolume[], isFirst: boolean): void {
    for (const { mount, content } of volumes) {
      if (content.type === 'files') {
        if (isFirst || !mount.subPath) writeFiles(files, mount, content.files);
      } else if (isFirst) {
        // The original that changes are compared with must not see what the containers share.
        const folder = files === this.#files ? this.#options.folders.get(mount.name) : undefined;
        if (folder && !mount.subPath) files.mount(mount.mountPath, folder);
        else files.makeDirectory(mount.mountPath, true);
      }
    }
  }
}

interface MountedVolume {
  readonly mount: VolumeMount;
  readonly content: VolumeContent;
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

function writeFiles(
  files: FileTree,
  { mountPath, subPath }: { readonly mountPath: string; readonly subPath?: string },
  content: Readonly<Record<string, string>>,
): void {
  const single = subPath === undefined ? undefined : content[subPath];
  if (single !== undefined) {
    files.writeDeep(mountPath, single);
    return;
  }
  files.makeDirectory(mountPath, true);
  for (const [path, body] of Object.entries(content)) {
    files.writeDeep(resolvePath(mountPath, path), body);
  }
}

/** The words in which containerd says that a container's command could not be started. */
function startFailure(message: string): string {
  const reason = message.replace(
    'OCI runtime exec failed: exec failed',
    'OCI runtime create failed: runc create failed',
  );
  return `failed to create containerd task: failed to create shim task: ${reason}`;
}

/** What the program's image has for a shell. */
function imageOf(
  program: Program,
): Pick<ShellContainer, 'hasShell' | 'hasBash' | 'tools' | 'user'> {
  return {
    hasShell: program.hasShell ?? true,
    hasBash: program.commands?.includes('bash') ?? false,
    tools: toolsOf(program),
    user: userOf(program),
  };
}

function userOf(program: Program): { readonly name: string; readonly uid: number } {
  return program.user ?? { name: 'root', uid: 0 };
}

function commandText({ container, program }: RunOptions): string {
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  return words.length > 0 ? words.join(' ') : (program.images?.[0] ?? container.name);
}
