// SPDX-License-Identifier: (MIT OR GPL-2.0)
// An object without a GPL-compatible license: the license covers all its programs.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Proprietary";

u64 openat_calls;

// bpf_printk() is one of the helpers that the kernel gives to GPL-compatible programs only.
SEC("?raw_tp/sys_enter")
MISTAKE("calls a GPL-only helper under another license")
REJECTED("gpl-only", "cannot call GPL-restricted function from non-GPL compatible program")
int gpl_helper(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_printk("a system call"); // <- here
	return 0;
}

// Counting needs no helper, and most helpers are not restricted. Or change the license.
SEC("?raw_tp/sys_enter")
int gpl_helper_fixed(struct bpf_raw_tracepoint_args *ctx)
{
	__sync_fetch_and_add(&openat_calls, 1);
	return 0;
}
