// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 target_thread = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __s32); // file descriptor that is waited for
	__type(value, __u64);
} wakeups SEC(".maps");

// fs/eventpoll.c: whoever has data for a sleeping epoll_wait(2) calls this. A buffer does it
// in an interrupt of the thread that sends the event, in the midst of the program that sends.
// A kprobe would not run then (kernel/trace/bpf_trace.c, bpf_prog_active); fentry does.
SEC("fentry/ep_poll_callback")
int BPF_PROG(on_wakeup, struct wait_queue_entry *wait)
{
	struct eppoll_entry *entry = container_of(wait, struct eppoll_entry, wait);
	__s32 fd = BPF_CORE_READ(entry, base, ffd.fd);
	__u64 one = 1, *times;

	if ((__u32)bpf_get_current_pid_tgid() != target_thread)
		return 0;
	times = bpf_map_lookup_elem(&wakeups, &fd);
	if (times)
		__sync_fetch_and_add(times, 1);
	else
		bpf_map_update_elem(&wakeups, &fd, &one, BPF_ANY);
	return 0;
}
