// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__u64 parent; // inode number
	char name[32]; // of the new folder
	__u32 mode;
} seen;

/*
 * Runs when the kernel enters this function. It gets the arguments with their
 * types: the verifier knows what they point to, and the program follows pointers as
 * C does. It must return 0, which does nothing.
 */
SEC("fentry/security_inode_mkdir")
int BPF_PROG(on_mkdir, struct inode *parent, struct dentry *entry, umode_t mode)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.parent = parent->i_ino;
	bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), entry->d_name.name);
	seen.mode = mode;
	return 0;
}
