/** What differs between processors: their mark in the kernel's audit records, and the numbers of system calls. */
interface Architecture {
  readonly audit: number;
  readonly socket: number;
  readonly ioctl: number;
  /** x86-64 alone has a second table of calls (x32), which would pass every comparison. */
  readonly hasX32: boolean;
  readonly denied: readonly number[];
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    ioctl: 16,
    hasX32: true,
    denied: [
      // acct, mount, umount2, pivot_root, chroot, swapon, swapoff, reboot, syslog, quotactl
      163, 165, 166, 155, 161, 167, 168, 169, 103, 179,
      // kexec_load, kexec_file_load, init_module, finit_module, delete_module, modify_ldt, iopl, ioperm
      246,
      320, 175, 313, 176, 154, 172, 173,
      // add_key, request_key, keyctl: keyrings are shared by host uid
      248, 249, 250,
      // unshare, setns, perf_event_open, name_to_handle_at, open_by_handle_at, kcmp, bpf, userfaultfd
      272,
      308, 298, 303, 304, 312, 321, 323,
      // io_uring and the new mount interface
      425, 426, 427, 428, 429, 430, 431, 432, 433, 442,
      // process_vm_readv, process_vm_writev
      310, 311,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    ioctl: 29,
    hasX32: false,
    denied: [
      89, 40, 39, 41, 51, 224, 225, 142, 116, 60, 104, 294, 105, 273, 106, 217, 218, 219, 97, 268,
      241, 264, 265, 272, 280, 282, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 270, 271,
    ],
  },
};

/** Instructions of classic BPF (linux/filter.h). */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 1;
const EAFNOSUPPORT = 97;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; AF_VSOCK above all is not confined by a network namespace. */
const SOCKET_FAMILIES = [1, 2, 10, 16] as const;

/** Offsets in struct seccomp_data. */
const NUMBER = 0;
const AUDIT_ARCH = 4;
const FIRST_ARGUMENT = 16;
const SECOND_ARGUMENT = 24;

/**
 * The filter of system calls for bwrap's `--seccomp`, as bytes; undefined for a processor without a table.
 * @param arch as in `process.arch`
 */
export function seccompFilter(arch: string): Buffer | undefined {
  const table = ARCHITECTURES[arch];
  if (!table) return undefined;
  const program: (readonly [code: number, whenTrue: number, whenFalse: number, value: number])[] = [
    [LOAD_WORD, 0, 0, AUDIT_ARCH],
    [JUMP_IF_EQUAL, 1, 0, table.audit],
    [RETURN, 0, 0, KILL],
    [LOAD_WORD, 0, 0, NUMBER],
  ];
  if (table.hasX32) {
    program.push([JUMP_IF_AT_LEAST, 0, 1, 0x40000000], [RETURN, 0, 0, refuse(EPERM)]);
  }
  for (const number of table.denied) {
    program.push([JUMP_IF_EQUAL, 0, 1, number], [RETURN, 0, 0, refuse(EPERM)]);
  }
  program.push(
    // The kernel looks at the low 32 bits of an ioctl request alone; comparing more would let high bits pass.
    [JUMP_IF_EQUAL, 0, 5, table.ioctl],
    [LOAD_WORD, 0, 0, SECOND_ARGUMENT],
    [JUMP_IF_EQUAL, 1, 0, TIOCSTI],
    [JUMP_IF_EQUAL, 0, 1, TIOCLINUX],
    [RETURN, 0, 0, refuse(EPERM)],
    [RETURN, 0, 0, ALLOW],
    [JUMP_IF_EQUAL, 0, SOCKET_FAMILIES.length + 2, table.socket],
    [LOAD_WORD, 0, 0, FIRST_ARGUMENT],
    ...SOCKET_FAMILIES.map(
      (family, index) => [JUMP_IF_EQUAL, SOCKET_FAMILIES.length - index, 0, family] as const,
    ),
    [RETURN, 0, 0, refuse(EAFNOSUPPORT)],
    [RETURN, 0, 0, ALLOW],
  );
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, whenTrue, whenFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}

/** The system call fails with this error number. */
function refuse(errno: number): number {
  return 0x00050000 | errno;
}
