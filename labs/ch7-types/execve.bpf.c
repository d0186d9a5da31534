// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum way { TRACEPOINT, KSYSCALL, KPROBE, FENTRY, RAW_TRACEPOINT, BTF_TRACEPOINT };

struct sight {
	__u64 time; // nanoseconds since boot
	__u32 pid;
	__u32 way;
	char comm[16];
	char path[48];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct sight);
} sights SEC(".maps");

const volatile __u32 only_parent = 0; // its children are reported
__u32 lost = 0;

/* What all six do, once they have the path, which is in the memory of the kernel or of the process. */
static __always_inline int report(enum way way, const char *path, bool in_kernel)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct sight *sight;

	if (BPF_CORE_READ(task, real_parent, tgid) != only_parent)
		return 0;
	sight = bpf_ringbuf_reserve(&sights, sizeof(*sight), 0);
	if (!sight) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	sight->time = bpf_ktime_get_ns();
	sight->pid = bpf_get_current_pid_tgid() >> 32;
	sight->way = way;
	bpf_get_current_comm(sight->comm, sizeof(sight->comm));
	sight->path[0] = 0;
	if (in_kernel)
		bpf_probe_read_kernel_str(sight->path, sizeof(sight->path), path);
	else
		bpf_probe_read_user_str(sight->path, sizeof(sight->path), path);
	bpf_ringbuf_submit(sight, 0);
	return 0;
}

/* The system call begins: a record that the kernel writes for this tracepoint, with the path's address in the process. */
SEC("tracepoint/syscalls/sys_enter_execve")
int tracepoint(struct syscall_trace_enter *ctx)
{
	return report(TRACEPOINT, (const char *)ctx->args[0], false);
}

/* The function of the system call: its arguments are in registers that were saved in memory, and the macro knows where. */
SEC("ksyscall/execve")
int BPF_KSYSCALL(ksyscall, const char *path)
{
	return report(KSYSCALL, path, false);
}

/* A function in the middle, by the registers of the CPU: what is behind a pointer has to be copied. */
SEC("kprobe/security_bprm_check")
int BPF_KPROBE(kprobe, struct linux_binprm *bprm)
{
	return report(KPROBE, BPF_CORE_READ(bprm, filename), true);
}

/* The same function, by the types of its arguments: the verifier knows the struct, and lets a program read it. */
SEC("fentry/security_bprm_check")
int BPF_PROG(fentry, struct linux_binprm *bprm)
{
	return report(FENTRY, bprm->filename, true);
}

/* The new program is in place: the tracepoint's arguments as numbers, whose types the program has to know. */
SEC("raw_tp/sched_process_exec")
int raw_tracepoint(struct bpf_raw_tracepoint_args *ctx)
{
	struct linux_binprm *bprm = (void *)ctx->args[2];

	return report(RAW_TRACEPOINT, BPF_CORE_READ(bprm, filename), true);
}

/* The same tracepoint, with types. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(btf_tracepoint, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	return report(BTF_TRACEPOINT, bprm->filename, true);
}
