import { sleep as wait } from '../../../clock.ts';
import type { Tool } from '../../../programs/program.ts';
import { output, refusal } from './answer.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const sleep: Tool = async (args, { clock, signal }) => {
  if (args.length === 0) return refusal('sleep: missing operand');
  let totalMs = 0;
  for (const arg of args) {
    const match = /^(\d+(?:\.\d+)?|infinity|inf)([smhd]?)$/.exec(arg);
    if (!match) return refusal(`sleep: invalid number '${arg}'`);
    const [, number = '', unit = ''] = match;
    const count = number.startsWith('inf') ? Infinity : Number(number);
    totalMs += count * (UNIT_SECONDS[unit] ?? 1) * 1000;
  }
  // A timer of the platform holds at most 2^31 - 1 ms; one that long is as good as forever.
  await wait(clock, Math.min(totalMs, 2 ** 31 - 1), signal).catch(() => undefined);
  return output('', signal.aborted ? 130 : 0);
};

const hostname: Tool = async (args, { pod, network }) => {
  const name = pod.spec.hostname ?? pod.metadata.name;
  return output(`${args.includes('-i') || args.includes('-I') ? network.ip : name}\n`);
};

const uname: Tool = async (args, { pod }) => {
  const parts = {
    s: 'Linux',
    n: pod.spec.hostname ?? pod.metadata.name,
    r: KERNEL_RELEASE,
    v: '#1 Regatta simulator',
    m: 'x86_64',
  };
  const letters = args.includes('-a') ? 'snrvm' : args.join('').replaceAll('-', '') || 's';
  const shown = Object.entries(parts).filter(([letter]) => letters.includes(letter));
  return output(`${shown.map(([, text]) => text).join(' ')}\n`);
};

/** What `uname -r` and the Node object say: no kernel runs here. */
export const KERNEL_RELEASE = '0.0.0-regatta-simulator';

const ps: Tool = async (_args, context) => {
  const rows = context.processes.list().map(({ pid, user, startedMs, command }) => {
    const seconds = Math.floor((context.clock.now() - startedMs) / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    return `${String(pid).padStart(5)} ${user.padEnd(8)} ${time.padStart(5)} ${command}`;
  });
  return output(['PID   USER     TIME  COMMAND', ...rows, ''].join('\n'));
};

const SIGNALS: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, TERM: 15 };

const kill: Tool = async (args, { processes }) => {
  let signal = 15;
  const pids: string[] = [];
  for (const arg of args) {
    if (arg === '-l') return output(`${Object.keys(SIGNALS).join(' ')}\n`);
    if (arg.startsWith('-') && arg !== '--' && arg !== '-s') signal = signalNumber(arg.slice(1));
    else if (arg !== '--' && arg !== '-s') pids.push(arg);
  }
  if (Number.isNaN(signal)) return refusal(`sh: bad signal name '${args[0]?.slice(1) ?? ''}'`);
  if (pids.length === 0) return refusal('sh: you need to specify whom to kill');
  const lost = pids.filter((pid) => !processes.kill(Number(pid), signal));
  const words = lost.map((pid) => `sh: can't kill pid ${pid}: No such process\n`);
  return { stdout: '', stderr: words.join(''), exitCode: lost.length > 0 ? 1 : 0 };
};

function signalNumber(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  return SIGNALS[name.toUpperCase().replace(/^SIG/, '')] ?? Number.NaN;
}

const nproc: Tool = async () => output('2\n');

/** Commands of every image that has a shell. */
export const SYSTEM_TOOLS: Readonly<Record<string, Tool>> = {
  sleep,
  hostname,
  uname,
  ps,
  kill,
  nproc,
};
