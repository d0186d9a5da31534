// One program per way to attach that needs nothing but a plain kernel, and a counter of each.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 target_pid = 0;
const volatile __u64 step = 1;

__u64 tracepoint_hits = 0;
__u64 raw_tp_hits = 0;
__u64 uprobe_hits = 0;
__u64 xdp_hits = 0;
__s32 last_argument = -1;
char label[16] = "untouched";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __always_inline bool is_target(void)
{
	return !target_pid || bpf_get_current_pid_tgid() >> 32 == target_pid;
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int on_getpgid(struct trace_event_raw_sys_enter *ctx)
{
	if (!is_target())
		return 0;
	__u32 key = 1;
	__u64 one = 1, *n = bpf_map_lookup_elem(&counts, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	last_argument = (__s32)ctx->args[0];
	__sync_fetch_and_add(&tracepoint_hits, step);
	return 0;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	if (is_target())
		__sync_fetch_and_add(&raw_tp_hits, 1);
	return 0;
}

SEC("uprobe")
int on_call(struct pt_regs *ctx)
{
	if (is_target())
		__sync_fetch_and_add(&uprobe_hits, 1);
	return 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&xdp_hits, 1);
	return XDP_PASS;
}
