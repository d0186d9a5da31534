// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	u32 pid;
	u32 uid;
	char comm[16]; // of the process that calls execve
	char path[64];
	int path_size; // with its NUL, or a negative error number
	char message[12];
};

struct message {
	char text[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, u32);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, struct message);
} messages SEC(".maps"); // by user

struct message everybody = { "Hello World" }; // in .data: can be changed while it runs
u64 lost = 0; // in .bss: events that found no room

// The same on every architecture: the macro finds the argument, and CO-RE the register.
SEC("ksyscall/execve")
int BPF_KSYSCALL(hello_core, const char *path)
{
	struct event event = {};

	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	event.path_size = bpf_probe_read_user_str(event.path, sizeof(event.path), path);

	struct message *own = bpf_map_lookup_elem(&messages, &event.uid);
	__builtin_memcpy(event.message, own ? own->text : everybody.text, sizeof(event.message));

	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}
