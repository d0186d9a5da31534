// SPDX-License-Identifier: (MIT OR GPL-2.0)
#define config vmlinux_config // the kernel has a type of that name
#include "vmlinux.h"
#undef config
#include <bpf/bpf_helpers.h>
#include "hello-config.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// User space writes it, also while the program runs: the next event has the new text.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); // uid
	__type(value, struct message);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} events SEC(".maps");

const struct message everyone_else = {"Hello World"};
__u64 lost = 0; // events that found no room in the buffer

static __always_inline int hello(void *ctx)
{
	struct event event = {};
	struct message *own;

	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	own = bpf_map_lookup_elem(&config, &event.uid);
	event.message = own ? *own : everyone_else;

	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

SEC("ksyscall/execve")
int hello_config(struct pt_regs *ctx)
{
	return hello(ctx);
}

// The same on another hook. The loader loads one of the two.
SEC("raw_tp/sched_process_exec")
int hello_raw(struct bpf_raw_tracepoint_args *ctx)
{
	return hello(ctx);
}
