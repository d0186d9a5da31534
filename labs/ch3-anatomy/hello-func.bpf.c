// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 target_pid = 0; // whose system calls; no process has pid 0

// Without noinline, clang would put these lines into hello() itself.
static __attribute__((noinline)) long get_opcode(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[1]; // number of the system call; args[0] is its struct pt_regs
}

SEC("raw_tp/sys_enter")
int hello(struct bpf_raw_tracepoint_args *ctx)
{
	char comm[16];

	if (bpf_get_current_pid_tgid() >> 32 != target_pid)
		return 0;
	bpf_get_current_comm(comm, sizeof(comm));
	bpf_printk("%s: system call %ld", comm, get_opcode(ctx));
	return 0;
}
