import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seccompFilter } from './seccomp.ts';

const ALLOWED = 0x7fff0000;
const EPERM = 0x00050001;
const EAFNOSUPPORT = 0x00050061;
const KILLED = 0x80000000;

/** What the kernel's interpreter of classic BPF would say to a system call. */
function decide(
  filter: Buffer,
  call: { readonly audit: number; readonly number: number; readonly args?: readonly bigint[] },
): number | undefined {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.audit, 4);
  for (const [index, arg] of (call.args ?? []).entries())
    data.writeBigUInt64LE(arg, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const [code, value] = [filter.readUInt16LE(at * 8), filter.readUInt32LE(at * 8 + 4)];
    const [whenTrue, whenFalse] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    if (code === 0x15) at += accumulator === value ? whenTrue : whenFalse;
    if (code === 0x35) at += accumulator >= value ? whenTrue : whenFalse;
  }
  return undefined;
}

/** Numbers from the kernel's headers asm/unistd_64.h and asm-generic/unistd.h. */
const MACHINES = {
  x64: { audit: 0xc000003e, read: 0, socket: 41, ioctl: 16, mount: 165, unshare: 272, keyctl: 250 },
  arm64: {
    audit: 0xc00000b7,
    read: 63,
    socket: 198,
    ioctl: 29,
    mount: 40,
    unshare: 97,
    keyctl: 219,
  },
} as const;

for (const [arch, machine] of Object.entries(MACHINES)) {
  test(`seccompFilter(${arch}) lets ordinary calls through and refuses those that reach out of a box`, () => {
    const filter = seccompFilter(arch) ?? Buffer.alloc(0);
    const ask = (number: number, ...args: readonly bigint[]) =>
      decide(filter, { audit: machine.audit, number, args });
    assert.deepEqual(
      {
        read: ask(machine.read),
        mount: ask(machine.mount),
        unshare: ask(machine.unshare),
        keyctl: ask(machine.keyctl),
        ioUring: ask(425),
        unix: ask(machine.socket, 1n),
        inet: ask(machine.socket, 2n),
        vsock: ask(machine.socket, 40n),
        packet: ask(machine.socket, 17n),
        size: ask(machine.ioctl, 0n, 0x5413n),
        push: ask(machine.ioctl, 0n, 0x5412n),
        pushWithHighBits: ask(machine.ioctl, 0n, 0x1_0000_5412n),
        console: ask(machine.ioctl, 0n, 0x541cn),
        otherMachine: decide(filter, { audit: 0x40000003, number: machine.read }),
      },
      {
        read: ALLOWED,
        mount: EPERM,
        unshare: EPERM,
        keyctl: EPERM,
        ioUring: EPERM,
        unix: ALLOWED,
        inet: ALLOWED,
        vsock: EAFNOSUPPORT,
        packet: EAFNOSUPPORT,
        size: ALLOWED,
        push: EPERM,
        pushWithHighBits: EPERM,
        console: EPERM,
        otherMachine: KILLED,
      },
    );
  });
}

test('seccompFilter() refuses the second table of calls that x86-64 has, and knows no other processors', () => {
  const filter = seccompFilter('x64') ?? Buffer.alloc(0);
  assert.equal(decide(filter, { audit: MACHINES.x64.audit, number: 0x40000000 + 520 }), EPERM);
  assert.equal(seccompFilter('riscv64'), undefined);
});
