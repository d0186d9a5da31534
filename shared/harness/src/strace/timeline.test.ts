import { expect } from 'vitest'
import { test } from '../test.ts'
import { CallReader } from './call.ts'
import { strace } from './strace.ts'
import { Timeline } from './timeline.ts'

const hello = new URL('../../build/test/bpf/hello.bpf.o', import.meta.url).pathname

/** A timeline of lines of strace, without pid and time. */
function timelineOf(...lines: string[]): Timeline {
  const reader = new CallReader()
  const timeline = new Timeline()
  lines.forEach((line, n) => {
    const call = reader.read(`7 ${n}.5 ${line}`)
    if (call) timeline.add(call)
  })
  return timeline
}

const btf = 'bpf(BPF_BTF_LOAD, {btf="x", btf_size=99}, 28) = 3<anon_inode:btf>'
const map =
  'bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=8, max_entries=1024, map_flags=0, map_name="counts", btf_fd=3<anon_inode:btf>, inner_map_fd=0</dev/null>}, 72) = 4<anon_inode:bpf-map>'
const insn = (code: string, source: string, imm: number) =>
  `{code=${code}, dst_reg=BPF_REG_1, src_reg=${source}, off=0, imm=${imm}}`
const program = `bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE, insn_cnt=2, insns=[${insn('BPF_LD|BPF_DW|BPF_IMM', 'BPF_REG_1', 4)}, ${insn('BPF_JMP|BPF_K|BPF_EXIT', 'BPF_REG_0', 0)}], license="GPL", prog_name="hello", prog_btf_fd=3<anon_inode:btf>}, 148) = 5<anon_inode:bpf-prog>`
const perf =
  'perf_event_open({type=PERF_TYPE_TRACEPOINT, size=0x88, config=677, disabled=0}, -1, 0, -1, PERF_FLAG_FD_CLOEXEC) = 6<anon_inode:[perf_event]>'
const link =
  'bpf(BPF_LINK_CREATE, {link_create={prog_fd=5<anon_inode:bpf-prog>, target_fd=6<anon_inode:[perf_event]>, attach_type=BPF_PERF_EVENT, flags=0}}, 48) = 7<anon_inode:bpf_link>'

test('each call says in one sentence what it does, with the names of what it uses', () => {
  const { entries } = timelineOf(btf, map, program, perf, link, 'close(7<anon_inode:bpf_link>) = 0')
  expect(entries.map(({ command, object, meaning }) => [command, object, meaning])).toEqual([
    ['BPF_BTF_LOAD', 'BTF of 99 bytes', 'gives the kernel 99 bytes of type information'],
    [
      'BPF_MAP_CREATE',
      "map 'counts'",
      'creates a hash map: 1024 entries of 4-byte keys and 8-byte values',
    ],
    [
      'BPF_PROG_LOAD',
      "program 'hello'",
      'has the verifier check a kprobe program of 2 instructions, and loads it',
    ],
    [
      'perf_event_open',
      'perf event tracepoint 677',
      'opens a perf event, tracepoint 677, for any process, CPU 0',
    ],
    [
      'BPF_LINK_CREATE',
      "link of program 'hello'",
      "attaches program 'hello' to perf event tracepoint 677",
    ],
    [
      'close',
      undefined,
      "closes the last descriptor of link of program 'hello', which detaches it unless it is pinned",
    ],
  ])
})

test('what a call made is followed to its uses, maps also into the program’s instructions', () => {
  const { entries } = timelineOf(btf, map, program, perf, link)
  expect(entries.map(({ uses }) => uses)).toEqual([[1, 2], [2], [4], [4], []])
})

test('attributes are there by name, without those that are zero or empty', () => {
  const [, created] = timelineOf(btf, map).entries
  expect(created?.attributes).toEqual({
    map_type: 'BPF_MAP_TYPE_HASH',
    key_size: 4,
    value_size: 8,
    max_entries: 1024,
    map_name: 'counts',
    btf_fd: { fd: 3, path: 'anon_inode:btf' },
  })
  expect(created).toMatchObject({ index: 1, pid: 7, time: 1, call: 'bpf', result: 4 })
})

test('a descriptor is followed through dup, fork and reuse of its number', () => {
  const lookup = (pid: number, fd: number) =>
    `bpf(BPF_MAP_LOOKUP_ELEM, {map_fd=${fd}<anon_inode:bpf-map>, key=0x1, value=0x2}, 32) = 0`
  const { entries } = timelineOf(
    map,
    'dup3(4<anon_inode:bpf-map>, 9</memfd:x>, O_CLOEXEC) = 9<anon_inode:bpf-map>',
    'close(4<anon_inode:bpf-map>) = 0',
    map.replace('counts', 'other'),
    lookup(7, 9),
    lookup(7, 4),
  )
  expect(entries.map(({ meaning }) => meaning).slice(2)).toEqual([
    "looks up a key in map 'counts'",
    "looks up a key in map 'other'",
  ])
  const reader = new CallReader()
  const timeline = new Timeline()
  for (const line of [`7 1.0 ${map}`, '7 1.1 vfork() = 8', `8 1.2 ${lookup(8, 4)}`])
    timeline.add(reader.read(line)!)
  expect(timeline.entries.at(-1)?.meaning).toBe("looks up a key in map 'counts'")
})

test('what libbpf only tries out is marked', () => {
  const { entries } = timelineOf(
    'bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=2, license="GPL"}, 116) = 3<anon_inode:bpf-prog>',
    'close(3<anon_inode:bpf-prog>) = 0',
    'bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_ARRAY, map_name="libbpf_global"}, 72) = 3<anon_inode:bpf-map>',
    'close(3<anon_inode:bpf-map>) = 0',
    btf,
    map,
  )
  expect(entries.map(({ command, probe }) => [command, probe])).toEqual([
    ['BPF_PROG_LOAD', true],
    ['BPF_MAP_CREATE', true],
    ['BPF_BTF_LOAD', false],
    ['BPF_MAP_CREATE', false],
  ])
})

test('what has a name is no try, even if nothing is done with it', () => {
  const closed = 'close(5<anon_inode:bpf-prog>) = 0'
  const { entries } = timelineOf(program, closed, program.replace('hello', 'det_arg_ctx'), closed)
  expect(entries.map(({ command, probe }) => [command, probe])).toEqual([
    ['BPF_PROG_LOAD', false],
    ['close', false],
    ['BPF_PROG_LOAD', true],
  ])
})

test('refused tries are marked, and refused work is not', () => {
  const refused = (text: string) => `${text} = -1 EINVAL (Invalid argument)`
  const { entries } = timelineOf(
    refused('bpf(BPF_TOKEN_CREATE, {token_create={flags=0, bpffs_fd=3</sys/fs/bpf>}}, 8)'),
    refused('bpf(BPF_BTF_LOAD, {btf="x", btf_size=61, btf_log_level=0}, 40)'),
    refused('bpf(BPF_PROG_LOAD, {insn_cnt=2, license="GPL", log_level=0}, 116)'),
    refused('bpf(BPF_BTF_LOAD, {btf="x", btf_size=2500, btf_log_level=0}, 40)'),
    refused('bpf(BPF_BTF_LOAD, {btf="x", btf_size=61, btf_log_level=1}, 40)'),
    refused('bpf(BPF_PROG_LOAD, {insn_cnt=2, prog_name="hello", log_level=0}, 116)'),
    refused('bpf(BPF_PROG_LOAD, {insn_cnt=2, license="GPL", log_level=1}, 116)'),
    refused('bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH}, 72)'),
  )
  expect(entries.map(({ probe }) => probe)).toEqual([
    ...[true, true, true],
    ...[false, false, false, false, false],
  ])
})

test('a perf event that nothing was attached to was a try', () => {
  const event = (fd: number) =>
    `perf_event_open({type=PERF_TYPE_TRACEPOINT, config=677}, -1, 0, -1, 0) = ${fd}<anon_inode:[perf_event]>`
  const { entries } = timelineOf(
    event(6),
    'close(6<anon_inode:[perf_event]>) = 0',
    event(6),
    'ioctl(6<anon_inode:[perf_event]>, PERF_EVENT_IOC_ENABLE, 0) = 0',
    'close(6<anon_inode:[perf_event]>) = 0',
  )
  expect(entries.map(({ command, probe }) => [command, probe])).toEqual([
    ['perf_event_open', true],
    ['perf_event_open', false],
    ['PERF_EVENT_IOC_ENABLE', false],
    ['close', false],
  ])
})

test('commands and attributes that strace does not know are shown', () => {
  const { entries } = timelineOf(
    'bpf(0x25 /* BPF_??? */, 0x7ffd1234, 24) = -1 EINVAL (Invalid argument)',
    'bpf(0x400 /* BPF_??? */, 0x7ffd1234, 24) = 0',
    map.replace('inner_map_fd=0</dev/null>', String.raw`extra_data="\x01\x02"`),
    'bpf(BPF_MAP_FREEZE, {map_fd==}, 4) = 0',
    'sendto(3</x>, {{{, 4) = 0', // not understood, and not BPF's
  )
  expect(entries.map(({ command, meaning }) => [command, meaning])).toEqual([
    [
      'BPF_PROG_STREAM_READ_BY_FD',
      'calls BPF_PROG_STREAM_READ_BY_FD, whose attributes this strace does not know: refused, EINVAL (Invalid argument)',
    ],
    ['BPF command 1024', 'calls BPF command 1024, whose attributes this strace does not know'],
    ['BPF_MAP_CREATE', expect.stringContaining('creates a hash map')],
    ['bpf', expect.stringMatching(/^is not understood: strace output: expected/)],
  ])
  expect(entries[0]?.attributes).toEqual({ attr: 0x7ffd1234 })
  expect(entries[2]?.attributes).toMatchObject({ extra_data: '\x01\x02' })
  expect(entries[3]?.attributes).toEqual({ line: 'bpf(BPF_MAP_FREEZE, {map_fd==}, 4) = 0' })
})

test('programs that ip and tc attach by netlink are told with their interface', () => {
  const xdp = (fd: string) =>
    `sendmsg(3<socket:[1]>, {msg_iov=[{iov_base=[{nlmsg_len=52, nlmsg_type=RTM_NEWLINK}, {ifi_index=if_nametoindex("lo"), ifi_flags=0}, [{nla_len=20, nla_type=IFLA_XDP}, [[{nla_len=8, nla_type=IFLA_XDP_FD}, ${fd}], [{nla_len=8, nla_type=IFLA_XDP_FLAGS}, XDP_FLAGS_UPDATE_IF_NOEXIST]]]], iov_len=52}], msg_flags=0}, 0) = 52`
  const options = String.raw`"\x08\x00\x06\x00\x05\x00\x00\x00\x09\x00\x07\x00\x70\x61\x73\x73\x00\x00\x00\x00"`
  const tc = `sendmsg(3<socket:[1]>, {msg_iov=[{iov_base=[{nlmsg_type=RTM_NEWTFILTER}, {tcm_ifindex=if_nametoindex("veth0")}, [[{nla_len=8, nla_type=TCA_KIND}, "bpf"], [{nla_len=44, nla_type=TCA_OPTIONS}, ${options}]]], iov_len=88}], msg_flags=0}, 0) = 88`
  const { entries } = timelineOf(program, xdp('5<anon_inode:bpf-prog>'), xdp('-1'), tc)
  expect(entries.map(({ meaning }) => meaning).slice(1)).toEqual([
    "attaches program 'hello' to XDP of lo, by netlink",
    "attaches program 'hello' to tc of veth0, by netlink",
  ])
  expect(entries[0]?.uses).toEqual([1, 2])
})

test('a program that is attached to a socket is told', () => {
  const attach = 'setsockopt(9<socket:[1]>, SOL_SOCKET, SO_ATTACH_BPF, [5], 4) = 0'
  const other = 'setsockopt(9<socket:[1]>, SOL_SOCKET, SO_REUSEADDR, [5], 4) = 0'
  expect(
    timelineOf(program, attach, other)
      .entries.map(({ meaning }) => meaning)
      .slice(1),
  ).toEqual(["attaches program 'hello' to a socket"])
})

test('a raw tracepoint is a link, although strace shows its descriptor as a number', () => {
  const { entries } = timelineOf(
    program,
    'bpf(BPF_RAW_TRACEPOINT_OPEN, {raw_tracepoint={name="sys_enter", prog_fd=5<anon_inode:bpf-prog>}}, 16) = 7',
    'close(7<anon_inode:bpf_link>) = 0',
  )
  expect(entries[1]).toMatchObject({ object: "link of program 'hello'", uses: [2] })
  expect(entries[1]?.meaning).toBe("attaches program 'hello' to raw tracepoint 'sys_enter'")
})

test('the end of a walk is no refusal', () => {
  const end =
    'bpf(BPF_PROG_GET_NEXT_ID, {start_id=7, next_id=0, open_flags=0}, 12) = -1 ENOENT (No such file or directory)'
  expect(timelineOf(end).entries[0]?.meaning).toBe(
    'asks for the program after id 7: there is none, ENOENT',
  )
})

test('a line of megabytes is read whole', async () => {
  const big = `perl -e 'exec "/bin/true", ("x" x 200) x 4000'`
  const { calls } = await strace(['sh', '-c', big])
  const lengths = calls.flatMap((call) =>
    'args' in call && call.name === 'execve' && Array.isArray(call.args[1])
      ? [call.args[1].length]
      : [],
  )
  expect(Math.max(...lengths)).toBe(4001)
})

test('a refused call keeps its error', () => {
  const [entry] = timelineOf(
    'bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH}, 72) = -1 EPERM (Operation not permitted)',
  ).entries
  expect(entry).toMatchObject({ result: -1, errno: 'EPERM', error: 'Operation not permitted' })
  expect(entry?.meaning).toMatch(/: refused, EPERM \(Operation not permitted\)$/)
})

test('waiting is told only for an epoll that watches something of BPF', () => {
  const wait =
    'epoll_pwait(8<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=4, u64=4}}], 1, -1, NULL, 8) = 1'
  expect(timelineOf(map, wait).entries).toHaveLength(1)
  const add =
    'epoll_ctl(8<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 4<anon_inode:bpf-map>, {events=EPOLLIN, data={u32=0, u64=0}}) = 0'
  const { entries } = timelineOf(
    map,
    'epoll_create1(EPOLL_CLOEXEC) = 8<anon_inode:[eventpoll]>',
    add,
    wait,
  )
  expect(entries.map(({ meaning }) => meaning).slice(1)).toEqual([
    "asks to be woken when map 'counts' has data",
    'waits for events',
  ])
})

test('a real loader is traced: bpftool loads and pins a program', async ({ pinFolder }) => {
  const { code, stderr, calls } = await strace([
    'bpftool',
    'prog',
    'load',
    hello,
    `${pinFolder}/hello`,
  ])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const timeline = new Timeline()
  for (const call of calls) timeline.add(call)
  const shown = timeline.entries.filter(({ call, probe }) => call === 'bpf' && !probe)
  const [load, pin] = [shown.find(({ object }) => object === "program 'hello'"), shown.at(-1)]
  expect(load?.command).toBe('BPF_PROG_LOAD')
  expect(pin).toMatchObject({
    command: 'BPF_OBJ_PIN',
    meaning: `pins program 'hello' at ${pinFolder}/hello`,
  })
  expect(load?.uses).toContain(pin?.index)
})

test('a traced program that fails, and one that does not exist, are told apart from strace', async () => {
  expect(await strace(['sh', '-c', 'echo out; exit 3'])).toMatchObject({ code: 3, stdout: 'out\n' })
  expect((await strace(['no-such-program'])).stderr).toMatch(/^.*strace: .*'no-such-program'/)
})
