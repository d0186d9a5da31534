#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

static __noinline int fill(char *other, int size)
{
	char own[300];

	/* Both arrays are alive at once: 304 + 304 bytes. */
	for (int i = 0; i < 300; i++)
		own[i] = i;
	bpf_probe_read_kernel(other, size, own);
	return own[0];
}

/* XDP programs have no private stack (Linux 6.13), which would give each function 512 bytes of its own. */
REJECTED("stack-too-large")
SEC("?xdp")
int two_large_frames(struct xdp_md *ctx)
{
	char large[300];

	return fill(large, sizeof(large)) + large[1];
}

REJECTED("stack-bounds")
SEC("?raw_tp/sys_enter")
__naked int below_the_stack(void)
{
	asm volatile("r1 = 0;"
		     "*(u64 *)(r10 - 520) = r1;"
		     "r0 = 0;"
		     "exit;");
}

REJECTED("uninitialised-register")
SEC("?raw_tp/sys_enter")
__naked int no_return_code(void)
{
	asm volatile("exit;");
}

/* A loader that has CAP_PERFMON may give addresses away. */
UNPRIVILEGED
REJECTED("pointer-leak")
SEC("?socket")
__naked int pointer_leak(void)
{
	asm volatile("r0 = r10;"
		     "exit;");
}

REJECTED("return-value-range")
SEC("?cgroup_skb/ingress")
int return_value(struct __sk_buff *skb)
{
	return 42;
}
