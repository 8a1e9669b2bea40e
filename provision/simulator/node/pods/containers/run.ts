import { randomUUID } from 'node:crypto';

import type { Container, Pod } from '../../../kinds/types/core.ts';
import type { NetworkInterface } from '../../../net/network.ts';
import type { Program, RunningProgram } from '../../../programs/program.ts';
import { publicAuthority } from '../../../programs/world/authority.ts';
import type { FileChanges } from '../../files/changes.ts';
import { applyChanges, changesBetween } from '../../files/changes.ts';
import type { SharedFolder } from '../../files/file-tree.ts';
import { FileTree } from '../../files/file-tree.ts';
import type { ExecOptions, ExecProcess } from '../../kubelet.ts';
import { EXEC_LIMIT_PROCESSES } from '../../limits.ts';
import { ContainerLog } from '../../logs/container-log.ts';
import { type Usage, usageOf } from '../../metrics/container-usage.ts';
import { Meter } from '../../metrics/meter.ts';
import { MeteredInterface } from '../../metrics/metered-interface.ts';
import { AUTHORITIES_PATH } from '../../shell/authorities.ts';
import { resolveCommand } from '../../shell/command-line.ts';
import { toolsOf } from '../../shell/commands/index.ts';
import type { ShellContainer } from '../../shell/container.ts';
import { startProcess } from '../../shell/exec.ts';
import { layOutImage } from '../../shell/image-files.ts';
import { ProcessTable } from '../../shell/processes.ts';
import type { PodHost } from '../host.ts';
import { type MountedVolume, mountAll, mountedVolumes, protectionOf } from '../volumes/mounts.ts';
import { hostnameOf, hostsFile, podAddress, resolverFile } from '../volumes/pod-files.ts';
import { OwnProcess } from './own-process.ts';

export interface RunOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly program: Program;
  readonly host: PodHost;
  readonly network: NetworkInterface;
  readonly env: Readonly<Record<string, string>>;
  /** The pod as it is at the time of the call: files of the downward API follow it. */
  readonly podNow: () => Pod;
  /** emptyDir volumes, by name. */
  readonly folders: ReadonlyMap<string, SharedFolder>;
  /** Changes to the files that an earlier life of this run made. */
  readonly savedFiles?: FileChanges;
}

/** Images that have one of these have the package `ca-certificates` as well. */
const TRUSTING_COMMANDS: ReadonlySet<string> = new Set(['apk', 'curl', 'dnf', 'openssl']);

/** One run of a container, from its start to its end: its program, log, files and processes. */
export class ContainerRun implements Disposable {
  readonly log: ContainerLog;
  readonly id = `containerd://${randomUUID().replaceAll('-', '')}${randomUUID().replaceAll('-', '')}`;
  /** Settles with the exit status. */
  readonly exited: Promise<number>;
  readonly #options: RunOptions;
  readonly #ended = new AbortController();
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
    this.#network = new MeteredInterface(options.network, this.#meter, this.#user().uid);
    this.#processes = new ProcessTable(host.clock);
    this.#processes.start({
      command: commandText(options),
      user: this.#user().name,
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
      this.#ended.abort(new Error('The container has ended'));
      this.#close();
      return exitCode;
    });
  }

  /** Fires when the run is over. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Whether the program has asked for more memory than it may have. */
  get isOutOfMemory(): boolean {
    return this.#program.isOutOfMemory?.() ?? false;
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

  /** Runs a command to its end, for probes and hooks; the signal ends it before. */
  async command(
    command: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    const process = this.exec({ command, isTty: false, hasStdin: false });
    const onAbort = () => process.kill();
    signal.addEventListener('abort', onAbort, { once: true });
    let output = '';
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString();
      });
    }
    const exitCode = await process.exited;
    signal.removeEventListener('abort', onAbort);
    return { exitCode, output };
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

  /** What the container has left in the file for its last words; undefined when there is none. */
  lastWords(path: string): string | undefined {
    return this.#files?.readText(path);
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
      hostname: hostnameOf(pod, host),
      files: this.#tree(),
      env,
      network: this.#network,
      clock: host.clock,
      random: host.random,
      workingDir: container.workingDir ?? program.workingDir ?? '/',
      processes: this.#processes,
      ...imageOf(program),
      user: this.#user(),
    };
  }

  /** Who the container runs as: as the pod says, else as the image does. */
  #user(): { readonly name: string; readonly uid: number } {
    const { pod, container, program } = this.#options;
    const uid = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
    const own = userOf(program);
    if (uid === undefined || uid === own.uid) return own;
    return { name: uid === 0 ? 'root' : String(uid), uid };
  }

  /** The container's files, made when first looked at; volumes as they are now. */
  #tree(): FileTree {
    const isFirst = this.#files === undefined;
    this.#files ??= this.#newTree();
    const volumes = this.#volumes();
    const version = JSON.stringify(volumes);
    if (version === this.#volumeVersion) return this.#files;
    this.#files.protect([]);
    this.#mount(this.#files, volumes, isFirst);
    this.#volumeVersion = version;
    if (isFirst && this.#options.savedFiles) applyChanges(this.#files, this.#options.savedFiles);
    const { readOnlyRootFilesystem = false } = this.#options.container.securityContext ?? {};
    this.#files.protect(protectionOf(volumes, readOnlyRootFilesystem));
    return this.#files;
  }

  #newTree(): FileTree {
    const { pod, program, host, network } = this.#options;
    const files = new FileTree(() => host.clock.now());
    layOutImage(files, imageOf(program));
    files.write('/etc/hostname', `${hostnameOf(pod, host)}\n`);
    files.write('/etc/hosts', hostsFile(pod, host, podAddress(pod, host, network.ip)));
    files.write('/etc/resolv.conf', resolverFile(pod));
    if (program.commands?.some((name) => TRUSTING_COMMANDS.has(name))) {
      files.writeDeep(AUTHORITIES_PATH, publicAuthority().certificate);
    }
    for (const [path, content] of Object.entries(program.files ?? {})) {
      files.writeDeep(path, content);
    }
    if (program.workingDir) files.makeDirectory(program.workingDir, true);
    return files;
  }

  #volumes(): readonly MountedVolume[] {
    const { podNow, container, host, network, env } = this.#options;
    const pod = podNow();
    const sources = {
      client: host.client,
      pod,
      podIp: podAddress(pod, host, network.ip),
      hostIp: host.ip,
      folders: host.folders,
      nodeName: host.name,
      serviceAccountToken: (audience: string) => host.serviceAccountToken(pod, audience),
    };
    return mountedVolumes(container.volumeMounts ?? [], sources, env);
  }

  #mount(files: FileTree, volumes: readonly MountedVolume[], isFirst: boolean): void {
    // The original that changes are compared with must not see what the containers share.
    const podFolders = files === this.#files ? this.#options.folders : undefined;
    mountAll(files, volumes, { isFirst, podFolders, nowMs: this.#options.host.clock.now() });
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
