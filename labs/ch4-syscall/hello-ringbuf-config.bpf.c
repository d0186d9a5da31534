// SPDX-License-Identifier: (MIT OR GPL-2.0)
#define config vmlinux_config // the kernel has a type of that name
#include "vmlinux.h"
#undef config
#include <bpf/bpf_helpers.h>
#include "hello-config.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); // uid
	__type(value, struct message);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024); // bytes, shared by all CPUs
	__type(value, struct event);
} events SEC(".maps");

const struct message everyone_else = {"Hello World"};
__u64 lost = 0; // events that found no room in the ring

SEC("ksyscall/execve")
int hello_ringbuf(struct pt_regs *ctx)
{
	struct message *own;
	__u32 uid = bpf_get_current_uid_gid(); // on the stack: older kernels take no key in a ring
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = uid;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	own = bpf_map_lookup_elem(&config, &uid);
	event->message = own ? *own : everyone_else;
	bpf_ringbuf_submit(event, 0);
	return 0;
}
