// SPDX-License-Identifier: (MIT OR GPL-2.0)
// A page of user memory may have to come from disk: only a program that may sleep can wait for it.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("?uprobe")
MISTAKE("calls a helper that sleeps in a program that must not")
REJECTED("sleeping-call | helper-not-allowed",
	 "unknown func bpf_copy_from_user | might sleep | sleepable helper bpf_copy_from_user")
int sleeping_helper(struct pt_regs *ctx)
{
	void *path = (void *)PT_REGS_PARM1(ctx);
	char first = 0;

	bpf_copy_from_user(&first, 1, path); // <- here
	return first == '/';
}

// The `.s` makes it sleepable.
SEC("?uprobe.s")
SINCE("6.0")
int sleeping_helper_fixed(struct pt_regs *ctx)
{
	void *path = (void *)PT_REGS_PARM1(ctx);
	char first = 0;

	bpf_copy_from_user(&first, 1, path);
	return first == '/';
}
