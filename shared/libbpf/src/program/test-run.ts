import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { opts, u32, word } from '../ffi/c-struct.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { checkRange } from '../ffi/range.ts'
import { permissionHint } from '../raw/hints.ts'

const bpf_prog_test_run_opts = bindLibbpf<(fd: number, opts: Uint8Array) => number>(
  'int bpf_prog_test_run_opts(int, void *)',
)

/** What a program runs with. */
export interface TestRunOptions {
  /** The packet, for network programs: at least 14 bytes, an Ethernet header. */
  data?: Uint8Array
  /** The context struct, such as `struct __sk_buff` or the arguments of a syscall or raw tracepoint program. */
  ctx?: Uint8Array
  /** How often it runs; the duration is the average. */
  repeat?: number
  /** CPU it runs on, for raw tracepoints (Linux 5.10). */
  cpu?: number
  /** `BPF_F_TEST_…` bits. */
  flags?: number
  /** Packets per batch with `BPF_F_TEST_XDP_LIVE_FRAMES`. */
  batchSize?: number
  /** Bytes to make room for in `data` of the result; the size of the input and 256 more if not given. */
  dataOutSize?: number
}

/** What a program made of its input. */
export interface TestRunResult {
  /** What it returned; for struct_ops and others it can be negative. */
  retval: number
  /** Average nanoseconds of one run; 0 where the kernel does not measure. */
  duration: number
  /** The packet afterwards; empty if none went in. */
  data: Uint8Array
  /** The context afterwards; empty if none went in. */
  ctx: Uint8Array
}

// bpf/bpf.h, struct bpf_test_run_opts
const SIZE = 80
const at = {
  data_in: word(8),
  data_out: word(16),
  data_size_in: u32(24),
  data_size_out: u32(28),
  ctx_in: word(32),
  ctx_out: word(40),
  ctx_size_in: u32(48),
  ctx_size_out: u32(52),
  retval: u32(56),
  repeat: u32(60),
  duration: u32(64),
  flags: u32(68),
  cpu: u32(72),
  batch_size: u32(76),
}

/** Room for what a program adds to a packet (bpf_xdp_adjust_head). */
const GROWTH = 256

/** Types whose test run takes no buffer for the context afterwards. */
const NO_CTX_OUT: ReadonlySet<string> = new Set(['raw_tracepoint', 'syscall'])

/** Runs a program in the kernel. */
export function testRun(
  fd: number,
  name: string,
  type: string,
  options: TestRunOptions,
): TestRunResult {
  const { data, ctx, repeat = 1, cpu, flags, batchSize } = options
  checkRange(repeat, [0, 0x7fff_ffff], 'run program', name)
  // The kernel refuses output buffers where it has no output (syscall, raw tracepoint).
  const dataOut = new Uint8Array(data ? (options.dataOutSize ?? data.length + GROWTH) : 0)
  const ctxOut = new Uint8Array(ctx && !NO_CTX_OUT.has(type) ? ctx.length : 0)
  // A syscall program changes its context in place (net/bpf/test_run.c, bpf_prog_test_run_syscall).
  const ctxIn = type === 'syscall' ? ctx?.slice() : ctx
  const run = opts(SIZE, [
    [at.data_in, data],
    [at.data_out, dataOut],
    [at.data_size_in, data?.length],
    [at.data_size_out, dataOut.length],
    [at.ctx_in, ctxIn],
    [at.ctx_out, ctxOut],
    [at.ctx_size_in, ctx?.length],
    [at.ctx_size_out, ctxOut.length],
    // Types that run once refuse any other number than 0.
    [at.repeat, repeat === 1 ? 0 : repeat],
    [at.flags, flags],
    [at.cpu, cpu],
    [at.batch_size, batchSize],
  ])
  const errno = bpf_prog_test_run_opts(fd, run)
  if (errno < 0) throw failed(name, type, errno)
  const result = new DataView(run.buffer)
  return {
    retval: result.getInt32(at.retval.at, le),
    duration: result.getUint32(at.duration.at, le),
    data: dataOut.subarray(0, result.getUint32(at.data_size_out.at, le)),
    ctx:
      type === 'syscall'
        ? (ctxIn ?? ctxOut)
        : ctxOut.subarray(0, result.getUint32(at.ctx_size_out.at, le)),
  }
}

function failed(name: string, type: string, errno: number): BpfError {
  const hints: Readonly<Record<string, string>> = {
    ENOTSUPP: `Programs of type ${type} cannot be run that way: attach it and trigger its hook.`,
    EOPNOTSUPP: `Programs of type ${type} cannot be run that way: attach it and trigger its hook.`,
    EINVAL:
      'Give what the type wants: packets at least 14 bytes of data, syscall and raw tracepoint programs a ctx and no repeat.',
    ENOSPC: 'The packet that came out is larger than dataOutSize.',
    EPERM: permissionHint(),
  }
  return new BpfError({
    operation: 'run program',
    subject: name,
    errno,
    hint: hints[errnoCode(errno)],
  })
}
