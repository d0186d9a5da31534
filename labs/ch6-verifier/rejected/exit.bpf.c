// SPDX-License-Identifier: (MIT OR GPL-2.0)
// What a program returns is an order to the kernel, so it must be one the kernel knows.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#pragma clang diagnostic ignored "-Wreturn-type"

// C lets a function end without `return`; then R0 holds nothing.
SEC("?xdp")
MISTAKE("ends without a return code")
REJECTED("uninitialised-register", "R0 !read_ok")
int no_return_code(struct xdp_md *ctx)
{
} // <- here

SEC("?xdp")
int no_return_code_fixed(struct xdp_md *ctx)
{
	return XDP_PASS;
}

// An ingress filter of a cgroup says 0, drop, or 1, pass. There is no 7.
SEC("?cgroup_skb/ingress")
MISTAKE("returns a code that its hook does not know")
REJECTED("return-value-range", "At program exit the register R0 has")
int wrong_return_code(struct __sk_buff *skb)
{
	return 7; // <- here
}

SEC("?cgroup_skb/ingress")
int wrong_return_code_fixed(struct __sk_buff *skb)
{
	return 1;
}
