// What a kernel may lack: programs whose targets are not there, and a map of a type that nobody knows.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, 999);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} unheard_of SEC(".maps");

SEC("raw_tp/sys_enter")
int fine(void *ctx)
{
	return 0;
}

SEC("raw_tp/no_such_tracepoint")
int no_tracepoint(void *ctx)
{
	return 0;
}

SEC("tp/no_such/event")
int no_event(void *ctx)
{
	return 0;
}

SEC("uprobe//no/such/file:main")
int no_file(void *ctx)
{
	return 0;
}

SEC("iter/no_such_thing")
int no_iterator(void *ctx)
{
	return 0;
}

SEC("xdp")
int wrong_helper(struct xdp_md *ctx)
{
	return bpf_get_current_uid_gid() ? bpf_override_return(0, 0) : 0;
}

SEC("raw_tp/sys_enter")
int uses_missing_map(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&unheard_of, &key) != 0;
}
