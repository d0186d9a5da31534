// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define EPERM 1

const volatile __u32 only_pid = 0;

__u32 asked = 0; // how often
char name[32]; // of the folder
__u32 mode = 0;

/*
 * Runs when the kernel asks its security modules whether a folder may be made. It gets what they get: the parent,
 * the new entry, the mode; and what programs before it said. 0 lets it pass, a negative error number refuses it.
 */
SEC("lsm/inode_mkdir")
int BPF_PROG(no_forbidden_folder, struct inode *parent, struct dentry *entry, umode_t bits, int before)
{
	if (before || bpf_get_current_pid_tgid() >> 32 != only_pid)
		return before;

	asked++;
	mode = bits;
	bpf_probe_read_kernel_str(name, sizeof(name), entry->d_name.name);
	return __builtin_memcmp(name, "forbidden", sizeof("forbidden")) ? 0 : -EPERM;
}
