// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	char path[64];
	__u32 mode;
} seen;

/*
 * Runs when any process enters this function of a program or library: mkdir() of
 * the C library here. It gets the registers of the CPU, and a pointer in them
 * points to the process's memory. It returns 0 to keep the event from perf, 1 to let
 * perf have it.
 */
SEC("uprobe/libc.so.6:mkdir")
int BPF_UPROBE(on_mkdir, const char *path, __u32 mode)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	bpf_probe_read_user_str(seen.path, sizeof(seen.path), path);
	seen.mode = mode;
	return 0;
}
