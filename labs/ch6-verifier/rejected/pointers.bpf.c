// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Which memory a pointer leads to, and who may see its value.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u64 leaked;

// The first 8 bytes, the common_* fields, are the kernel's own.
SEC("?tracepoint/syscalls/sys_enter_openat")
MISTAKE("reads a field of a tracepoint that is the kernel's own")
REJECTED("context-access", "invalid bpf_context access off=0 size=2")
int common_field(struct trace_event_raw_sys_enter *ctx)
{
	return ctx->ent.type != 0; // <- here
}

SEC("?tracepoint/syscalls/sys_enter_openat")
int common_field_fixed(struct trace_event_raw_sys_enter *ctx)
{
	return ctx->id != 0;
}

// This helper returns a number. That it is the address of a task, the verifier does not know.
SEC("?raw_tp/sys_enter")
MISTAKE("follows a number as if it were a pointer")
REJECTED("not-a-pointer", "R{} invalid mem access 'scalar' | R{} invalid mem access 'inv'")
int scalar_pointer(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return task->tgid == 1; // <- here
}

SEC("?raw_tp/sys_enter")
int scalar_pointer_fixed(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, tgid) == 1;
}

// A kernel address in a global variable: whoever reads it knows where the kernel lies.
SEC("?xdp")
MISTAKE("shows user space the address of a kernel object")
REJECTED("pointer-leak", "R{} leaks addr into map")
WITHOUT("CAP_PERFMON")
int pointer_leak(struct xdp_md *ctx)
{
	leaked = (u64)ctx; // <- here
	return XDP_PASS;
}

SEC("?xdp")
WITHOUT("CAP_PERFMON")
int pointer_leak_fixed(struct xdp_md *ctx)
{
	leaked = ctx->ingress_ifindex;
	return XDP_PASS;
}
