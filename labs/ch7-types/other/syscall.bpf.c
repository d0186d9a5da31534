// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Whoever runs the program and the program itself agree on a struct. */
struct map_request {
	__u32 entries; // in
	__u32 pid; // out: who asked
};

/*
 * Runs when user space asks for it, by bpf(BPF_PROG_RUN), and never else. It gets the caller's struct, and what it
 * writes there and returns goes back. It may call bpf(2) itself: this one makes a map, and returns its descriptor.
 */
SEC("syscall")
int make_map(struct map_request *ctx)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = ctx->entries,
	};

	ctx->pid = bpf_get_current_pid_tgid() >> 32;
	return bpf_sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}
