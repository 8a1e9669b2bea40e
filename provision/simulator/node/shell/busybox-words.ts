/** What the shell engine, which speaks as bash, says, in the words of BusyBox' sh. */
export function inBusyboxWords(text: string): string {
  return text
    .replace(/^bash: (.*): command not found/, 'sh: $1: not found')
    .replace(/^bash: /, 'sh: ')
    .replace(TIMES, (_, real: string, user: string, system: string) =>
      [`real\t${time(real)}`, `user\t${time(user)}`, `sys\t${time(system)}`, ''].join('\n'),
    );
}

/** What `time` reports. */
const TIMES = /^\nreal\t(\S+)\nuser\t(\S+)\nsys\t(\S+)\n$/;

/** `0m1.234s` as `0m 1.23s`. */
function time(text: string): string {
  const [, minutes = '0', seconds = '0'] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return `${minutes}m ${Number(seconds).toFixed(2)}s`;
}
