#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

struct event {
	u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

REJECTED("helper-not-allowed")
SEC("?xdp")
int wrong_helper(struct xdp_md *ctx)
{
	return bpf_get_stackid(ctx, &counts, 0);
}

REJECTED("wrong-argument-type")
SEC("?raw_tp/sys_enter")
int not_a_map(void *ctx)
{
	u32 key = 0;

	return bpf_map_delete_elem(&key, &key);
}

REJECTED("reference-leak")
SEC("?raw_tp/sys_enter")
int no_submit(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (event)
		event->pid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

REJECTED("missing-null-check")
SEC("?raw_tp/sys_enter")
int no_check_before_submit(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

REJECTED("used-after-release")
SEC("?raw_tp/sys_enter")
int use_after_submit(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	bpf_ringbuf_submit(event, 0);
	event->pid = 1;
	return 0;
}

REJECTED("sleeping-call")
SEC("?raw_tp/sys_enter")
int sleeps(void *ctx)
{
	char path[8];

	return bpf_copy_from_user(path, sizeof(path), (void *)8) + path[0];
}

REJECTED("unbounded-size")
SEC("?raw_tp/sys_enter")
int unbounded_size(void *ctx)
{
	char path[8];

	bpf_probe_read_user(path, bpf_get_prandom_u32(), (void *)8);
	return path[0];
}
