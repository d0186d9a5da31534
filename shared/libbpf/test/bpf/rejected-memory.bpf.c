#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

struct config {
	char message[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, struct config);
} configs SEC(".maps");

char message[12];
int position;

REJECTED("missing-null-check")
SEC("?raw_tp/sys_enter")
int null_check(void *ctx)
{
	u32 uid = bpf_get_current_uid_gid();
	struct config *config = bpf_map_lookup_elem(&configs, &uid);

	bpf_printk("%c", config->message[0]);
	return 0;
}

REJECTED("map-value-bounds")
SEC("?raw_tp/sys_enter")
int off_by_one_global(void *ctx)
{
	if (position >= 0 && position <= sizeof(message)) {
		char c = message[position];

		bpf_printk("%c", c);
	}
	return 0;
}

REJECTED("stack-bounds")
SEC("?raw_tp/sys_enter")
int off_by_one_stack(void *ctx)
{
	char local[16] = "";
	int at = position;

	if (at >= 0 && at <= sizeof(local)) {
		char *c = local + at;

		barrier_var(c);
		*c = 'x';
		bpf_printk("%s", local);
	}
	return 0;
}

/* A loader that has CAP_PERFMON may read what it did not write, since Linux 6.3. */
UNPRIVILEGED
REJECTED("stack-uninitialised")
SEC("?cgroup_skb/ingress")
int uninitialised_stack(void *ctx)
{
	u32 key;

	bpf_map_delete_elem(&configs, &key);
	return 1;
}

REJECTED("not-a-pointer")
SEC("?raw_tp/sys_enter")
int scalar_as_pointer(void *ctx)
{
	u64 number = bpf_get_current_pid_tgid();

	return *(volatile int *)number;
}

REJECTED("unbounded-index")
SEC("?raw_tp/sys_enter")
int unbounded_index(void *ctx)
{
	u64 at = bpf_get_current_pid_tgid();

	message[at] = 1;
	return 0;
}

REJECTED("negative-index")
SEC("?raw_tp/sys_enter")
int negative_index(void *ctx)
{
	int at = position;

	if (at < 12)
		*((volatile char *)message + at) = 1;
	return 0;
}
