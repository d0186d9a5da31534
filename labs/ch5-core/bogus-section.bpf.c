// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile u32 target_pid = 0;
u64 calls = 0;

static int count(void)
{
	if (bpf_get_current_pid_tgid() >> 32 == target_pid)
		__sync_fetch_and_add(&calls, 1);
	return 0;
}

SEC("?ksycall/kill")
int misspelt(struct pt_regs *ctx)
{
	return count();
}

SEC("?bogus")
int bogus(struct pt_regs *ctx)
{
	return count();
}
