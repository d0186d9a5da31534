// SPDX-License-Identifier: (MIT OR GPL-2.0)
// The stack: 512 bytes for all calls together, and nothing in it at the start.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	u64 ifindex;
	u64 queue;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct event);
	__type(value, u64);
} seen SEC(".maps");

// What the last program left on the stack would go into the map, and to user space.
SEC("?xdp")
MISTAKE("passes on bytes of the stack that nothing was written to")
REJECTED("stack-uninitialised", "invalid indirect read from stack | invalid read from stack")
WITHOUT("CAP_PERFMON")
int uninitialised_stack(struct xdp_md *ctx)
{
	struct event event;

	event.ifindex = ctx->ingress_ifindex;
	return bpf_map_lookup_elem(&seen, &event) != NULL; // <- here
}

SEC("?xdp")
WITHOUT("CAP_PERFMON")
int uninitialised_stack_fixed(struct xdp_md *ctx)
{
	struct event event = {.ifindex = ctx->ingress_ifindex};

	return bpf_map_lookup_elem(&seen, &event) != NULL;
}

// What the compiler must not drop: it cannot see what happens to the buffer here.
#define KEEP(buffer) asm volatile("" : : "r"(buffer) : "memory")

static __noinline int inner(void)
{
	char buffer[320] = {};

	KEEP(buffer);
	return XDP_PASS;
}

// clang refuses a function with more than 512 bytes; the verifier adds up a chain of calls.
SEC("?xdp")
MISTAKE("needs more than 512 bytes of stack")
REJECTED("stack-too-large", "combined stack size of 2 calls is {}. Too large")
int stack_too_large(struct xdp_md *ctx)
{
	char buffer[320] = {};

	KEEP(buffer);
	return inner();
}

// Large buffers belong into a map: a per-CPU array with one element, or global data.
char buffer[320];

SEC("?xdp")
int stack_too_large_fixed(struct xdp_md *ctx)
{
	KEEP(buffer);
	return inner();
}
