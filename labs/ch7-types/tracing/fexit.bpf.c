// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	char name[32]; // of the file
	__s32 returned; // 0, or a negative error number
} seen;

/*
 * Runs when this function of the kernel returns. It gets the arguments with their
 * types, and after them the result: what a kretprobe cannot tell, which file it
 * was, is still there. It must return 0, which does nothing.
 */
SEC("fexit/vfs_open")
int BPF_PROG(on_opened, const struct path *path, struct file *file, int returned)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), path->dentry->d_name.name);
	seen.returned = returned;
	return 0;
}
