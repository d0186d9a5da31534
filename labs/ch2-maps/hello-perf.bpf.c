// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	__u32 pid;
	__u32 uid;
	char comm[16];
	char message[16];
};

// The loader may change them before the program is loaded; then they are read-only.
const volatile char even_message[16] = "Hello World";
const volatile char odd_message[16] = "Hello World";

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} events SEC(".maps");

__u64 lost = 0; // events that found no room in the buffer

SEC("ksyscall/execve")
int hello_perf(struct pt_regs *ctx)
{
	struct event event = {}; // on the stack; zeroed, so that nothing leaks to user space

	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_probe_read_kernel(event.message, sizeof(event.message),
			      (void *)(event.pid % 2 ? odd_message : even_message));

	// Copies the event into the buffer of the CPU that this runs on.
	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}
