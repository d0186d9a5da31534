// One CO-RE relocation of each form that the tests look at.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

// Only what is needed, in another order: every offset differs from the kernel's.
struct file_system_type___some {
	struct module *owner;
	const char *name;
} __attribute__((preserve_access_index));

struct task_struct___gone {
	int no_such_field;
} __attribute__((preserve_access_index));

__u64 results[8] = {};

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	struct file_system_type___some *type = (void *)results;

	results[0] = (__u64)&type->name - (__u64)type;
	results[1] = bpf_core_field_exists(type->owner);
	results[2] = bpf_core_type_size(struct file_system_type___some);
	results[3] = bpf_core_enum_value(enum bpf_map_type, BPF_MAP_TYPE_RINGBUF);
	results[4] = bpf_core_field_exists(struct task_struct___gone, no_such_field);
	return XDP_PASS;
}

SEC("?raw_tp/sys_enter")
int gone(void *ctx)
{
	struct task_struct___gone *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, no_such_field);
}

struct no_such_type {
	int field;
} __attribute__((preserve_access_index));

SEC("?raw_tp/sys_enter")
int gone_type(void *ctx)
{
	struct no_such_type *type = (void *)bpf_get_current_task();

	return BPF_CORE_READ(type, field);
}

enum bpf_map_type___gone { BPF_MAP_TYPE_NO_SUCH = 1000 };

SEC("?raw_tp/sys_enter")
int gone_value(void *ctx)
{
	return bpf_core_enum_value(enum bpf_map_type___gone, BPF_MAP_TYPE_NO_SUCH);
}

SEC("?raw_tp/sys_enter")
int misspelt(void *ctx)
{
	struct task_struct___misspelt {
		int tgdi;
	} __attribute__((preserve_access_index)) *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, tgdi);
}

SEC("?raw_tp/sys_enter")
int direct(void *ctx)
{
	return bpf_get_current_task_btf()->tgid; // a load, whose offset is relocated
}
