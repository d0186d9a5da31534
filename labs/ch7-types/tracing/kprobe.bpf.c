// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
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
 * Runs when the kernel enters this function. It gets the registers of the CPU: the
 * function's first arguments are in them, as plain numbers, and BPF_KPROBE()
 * fetches them. It returns 0 to keep the event from perf, 1 to let perf have it.
 */
SEC("kprobe/security_inode_mkdir")
int BPF_KPROBE(on_mkdir, struct inode *parent, struct dentry *entry, umode_t mode)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.parent = BPF_CORE_READ(parent, i_ino);
	bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), BPF_CORE_READ(entry, d_name.name));
	seen.mode = mode;
	return 0;
}
