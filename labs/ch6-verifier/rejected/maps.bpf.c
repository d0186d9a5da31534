// SPDX-License-Identifier: (MIT OR GPL-2.0)
// What a helper hands out must be checked, and given back.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} packets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, u32);
} events SEC(".maps");

SEC("?xdp")
MISTAKE("uses what a lookup found, without a look whether it found")
REJECTED("missing-null-check", "R{} invalid mem access 'map_value_or_null'")
int missing_null_check(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *n = bpf_map_lookup_elem(&packets, &key);

	*n += 1; // <- here
	return XDP_PASS;
}

SEC("?xdp")
int missing_null_check_fixed(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *n = bpf_map_lookup_elem(&packets, &key);

	if (n)
		*n += 1;
	return XDP_PASS;
}

// A reserved record that is neither submitted nor discarded blocks the ring for ever.
SEC("?xdp")
MISTAKE("reserves a record in a ring buffer and forgets it")
REJECTED("reference-leak", "Unreleased reference id={}")
int missing_submit(struct xdp_md *ctx)
{
	u32 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (record)
		*record = ctx->ingress_ifindex;
	return XDP_PASS; // <- here
}

SEC("?xdp")
int missing_submit_fixed(struct xdp_md *ctx)
{
	u32 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return XDP_PASS;
	*record = ctx->ingress_ifindex;
	bpf_ringbuf_submit(record, 0);
	return XDP_PASS;
}
