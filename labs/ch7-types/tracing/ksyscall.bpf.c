// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__s32 folder; // where a relative path begins
	char path[64];
} seen;

/*
 * A kprobe on the function of a system call, whatever this kernel and processor
 * call it. BPF_KSYSCALL() fetches what user space passed; a pointer among it points
 * to user space's memory. It returns 0 to keep the event from perf, 1 to let perf
 * have it.
 */
SEC("ksyscall/openat")
int BPF_KSYSCALL(on_openat, int folder, const char *path)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.folder = folder;
	bpf_probe_read_user_str(seen.path, sizeof(seen.path), path);
	return 0;
}
