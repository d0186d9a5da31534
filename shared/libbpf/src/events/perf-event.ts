import { closeSync } from 'node:fs'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { ioctl, perfEventOpenSyscall } from '../ffi/syscall.ts'

const PERF_TYPE_SOFTWARE = 1
const PERF_COUNT_SW_BPF_OUTPUT = 10
const PERF_SAMPLE_TIME = 1 << 2
const PERF_SAMPLE_RAW = 1 << 10
const PERF_FLAG_FD_CLOEXEC = 8n
const PERF_EVENT_IOC_ENABLE = 0x2400
/** PERF_ATTR_SIZE_VER5 (linux/perf_event.h): Linux 4.1 and everything after knows it. */
const ATTR_SIZE = 112

/**
 * Opens the event that `bpf_perf_event_output()` writes to on one CPU (perf_event_open(2)).
 *
 * @param wakeupEvents samples after which a reader is woken
 * @returns a file descriptor that the caller owns, enabled
 */
export function openBpfOutput(cpu: number, wakeupEvents: number): number {
  const attr = new DataView(new ArrayBuffer(ATTR_SIZE))
  attr.setUint32(0, PERF_TYPE_SOFTWARE, le)
  attr.setUint32(4, ATTR_SIZE, le)
  attr.setBigUint64(8, BigInt(PERF_COUNT_SW_BPF_OUTPUT), le)
  attr.setBigUint64(16, 1n, le) // sample_period
  attr.setBigUint64(24, BigInt(PERF_SAMPLE_RAW | PERF_SAMPLE_TIME), le)
  attr.setUint32(48, wakeupEvents, le)
  const target = { pid: -1, cpu, groupFd: -1, flags: PERF_FLAG_FD_CLOEXEC }
  const fd = perfEventOpenSyscall(new Uint8Array(attr.buffer), target)
  if (fd < 0) {
    throw new BpfError({
      operation: 'open perf event',
      subject: `on CPU ${cpu}`,
      errno: fd,
      hint: 'It needs root, or CAP_PERFMON; /proc/sys/kernel/perf_event_paranoid may forbid it.',
    })
  }
  const errno = ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)
  if (errno >= 0) return fd
  closeSync(fd)
  throw new BpfError({ operation: 'enable perf event', subject: `on CPU ${cpu}`, errno })
}
