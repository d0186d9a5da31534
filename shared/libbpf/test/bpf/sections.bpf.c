// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Global variables of every kind, and programs in every kind of section.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

const volatile __u32 target_pid = 7;
const volatile struct { __u32 uid; char name[8]; } filter = { 1000, "root" };
static const volatile __u32 unseen_constant = 3;
__u64 total;
static __u64 unseen_total;
__hidden __u32 hidden_total;
__s32 level = -5;
__u32 limits[4] SEC(".data.limits") = { 1, 2, 3, 4 };
const volatile char banner[8] SEC(".rodata.banner") = "hello";
extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern int CONFIG_HZ __kconfig __weak;
extern const void bpf_link_fops __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct { __u32 pid; __u32 cpu; });
	__type(value, __u64);
} counts SEC(".maps");

static __noinline int add(int n)
{
	unseen_total += n;
	hidden_total += n + unseen_constant;
	return n;
}

__weak int twice(int n)
{
	return 2 * n;
}

SEC("syscall")
int first(void *ctx)
{
	total += add(limits[1]) + target_pid + (LINUX_KERNEL_VERSION > 0) + CONFIG_BPF_SYSCALL;
	level += filter.uid + banner[0] + CONFIG_HZ;
	return 0;
}

SEC("syscall")
int second(void *ctx)
{
	return twice(level) + (&bpf_link_fops != 0) + (bpf_rcu_read_lock != 0);
}

SEC("?tracepoint/syscalls/sys_enter_execve")
int optional(void *ctx)
{
	return 0;
}

SEC("?struct_ops/cong_init")
void start(struct sock *sk)
{
}

SEC("?struct_ops/cong_undo")
__u32 undo(struct sock *sk)
{
	return 2;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
