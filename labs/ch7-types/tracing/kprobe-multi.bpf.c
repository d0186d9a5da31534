// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	char function[32]; // the one that was entered
	char name[32]; // of the folder
} seen;

/*
 * Runs when the kernel enters any function that fits the pattern:
 * security_inode_mkdir or security_inode_rmdir here. It gets what a kprobe gets,
 * and bpf_get_func_ip() tells which function it was. Its return value does nothing.
 */
SEC("kprobe.multi/security_inode_??dir")
int BPF_KPROBE(on_folder, struct inode *parent, struct dentry *entry)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	BPF_SNPRINTF(seen.function, sizeof(seen.function), "%ps", bpf_get_func_ip(ctx));
	bpf_probe_read_kernel_str(seen.name, sizeof(seen.name), BPF_CORE_READ(entry, d_name.name));
	return 0;
}
