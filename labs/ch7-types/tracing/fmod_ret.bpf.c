// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	char name[32]; // of the new folder
} seen;

/*
 * Runs before this function of the kernel. It gets the function's arguments with their
 * types. 0 lets the function run. Anything else is returned in its place, and ends it
 * for other programs here, too: this one says -EPERM to names that begin with a dot.
 */
SEC("fmod_ret/security_inode_mkdir")
int BPF_PROG(no_hidden_folders, struct inode *parent, struct dentry *entry)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), entry->d_name.name);
	return seen.name[0] == '.' ? -EPERM : 0;
}
