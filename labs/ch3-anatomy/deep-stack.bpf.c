// SPDX-License-Identifier: (MIT OR GPL-2.0)
// The functions of a call chain share 512 bytes of stack. Each of these calls one that takes 256.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __attribute__((noinline)) int callee(void)
{
	char array[256], *first = array;

	barrier_var(first); // hides from clang that the other bytes are not used
	*first = XDP_PASS;
	return *first;
}

SEC("xdp")
int fits(struct xdp_md *ctx)
{
	char array[256], *first = array;

	barrier_var(first);
	*first = 0;
	return *first + callee();
}

SEC("?xdp") // not loaded unless asked for: the verifier refuses it
int too_deep(struct xdp_md *ctx)
{
	char array[264], *first = array;

	barrier_var(first);
	*first = 0;
	return *first + callee();
}
