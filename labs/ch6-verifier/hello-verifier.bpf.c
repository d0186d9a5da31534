// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Each `if` is one that the verifier insists on: rejected/ shows what it says without.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "hello-verifier.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u32 counter;
struct message hello = {"Hello World"};
u64 packets[3]; // IPv4, IPv6, other

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32); // uid
	__type(value, struct message);
} messages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, u32);
	__type(value, struct exec_event);
} events SEC(".maps");

SEC("ksyscall/execve")
int trace_exec(struct pt_regs *ctx)
{
	struct exec_event event = {}; // every byte is written before it goes out
	struct message *own;
	u32 i;

	__sync_fetch_and_add(&counter, 1);
	i = counter; // the value of the line above is there for use only from Linux 5.12 on
	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	event.counter = i;
	bpf_get_current_comm(event.command, sizeof(event.command));

	own = bpf_map_lookup_elem(&messages, &event.uid);
	event.message = own ? *own : hello; // a lookup may find nothing

	if (i < sizeof(hello.text)) // an index may be anything
		event.letter = hello.text[i];

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	u32 kind;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end) // a packet may be too short
		return XDP_PASS;

	kind = eth->h_proto == bpf_htons(0x0800) ? 0 : eth->h_proto == bpf_htons(0x86dd) ? 1 : 2;
	__sync_fetch_and_add(&packets[kind], 1);
	return XDP_PASS;
}
