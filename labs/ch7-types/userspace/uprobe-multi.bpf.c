// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

__u32 hits = 0;
struct {
	__u64 cookie; // says which function it was
	char path[64];
} seen;

/*
 * Runs when any process enters one of many functions, all attached at once. It gets
 * what a uprobe gets, and the number that the loader gave to that function, the
 * cookie. Its return value does nothing.
 */
SEC("uprobe.multi")
int BPF_UPROBE(on_folder, const char *path)
{
	if ((__u32)bpf_get_current_pid_tgid() != only_thread)
		return 0;

	hits++;
	seen.cookie = bpf_get_attach_cookie(ctx);
	bpf_probe_read_user_str(seen.path, sizeof(seen.path), path);
	return 0;
}
