// SPDX-License-Identifier: (MIT OR GPL-2.0)
// A page of user memory may have to come from disk: only a program that may sleep can wait for it.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("?uprobe")
REJECTED("unknown func bpf_copy_from_user | might sleep in a non-sleepable | sleepable helper bpf_copy_from_user")
int sleeping_helper(struct pt_regs *ctx)
{
	char first = 0;

	bpf_copy_from_user(&first, sizeof(first), (void *)PT_REGS_PARM1(ctx)); // <- here
	return first == '/';
}

// The `.s` makes it sleepable: uprobes can be since Linux 6.0.
SEC("?uprobe.s")
int sleeping_helper_fixed(struct pt_regs *ctx)
{
	char first = 0;

	bpf_copy_from_user(&first, sizeof(first), (void *)PT_REGS_PARM1(ctx));
	return first == '/';
}
