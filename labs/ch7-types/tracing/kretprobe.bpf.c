// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__s32 returned; // 0, or a negative error number
} seen;

/*
 * Runs when this function of the kernel returns. It gets the registers of that
 * moment: the result is in one of them, the arguments are gone. It returns 0 to keep
 * the event from perf, 1 to let perf have it.
 */
SEC("kretprobe/vfs_open")
int BPF_KRETPROBE(on_opened, int returned)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.returned = returned;
	return 0;
}
