// One program per tracing hook; each counts its hits by this test's process and keeps the cookie it was attached with.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 target_pid = 0;

// Index of each program in hits and cookies.
enum hook {
	HOOK_KPROBE, HOOK_KSYSCALL, HOOK_KPROBE_MULTI, HOOK_FENTRY, HOOK_FEXIT, HOOK_FMOD_RET,
	HOOK_TP_BTF, HOOK_RAW_TP, HOOK_TRACEPOINT, HOOK_UPROBE, HOOK_UPROBE_MULTI, HOOK_USDT,
	HOOK_PERF_EVENT, HOOK_LSM, HOOKS,
};

__u64 hits[HOOKS];
__u64 cookies[HOOKS];
__s32 argument = 0;
__u64 target_id = 0;

static __always_inline bool is_target(void)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid;
}

#define HIT(hook) __sync_fetch_and_add(&hits[HOOK_##hook], 1)
#define HIT_WITH_COOKIE(hook)                              \
	do {                                               \
		HIT(hook);                                 \
		cookies[HOOK_##hook] = bpf_get_attach_cookie(ctx); \
	} while (0)

SEC("?kprobe")
int on_kprobe(struct pt_regs *ctx)
{
	if (is_target())
		HIT_WITH_COOKIE(KPROBE);
	return 0;
}

SEC("?ksyscall/getpgid")
int BPF_KSYSCALL(on_ksyscall, int pid)
{
	if (is_target()) {
		HIT(KSYSCALL);
		argument = pid;
	}
	return 0;
}

SEC("?kprobe.multi")
int on_kprobe_multi(struct pt_regs *ctx)
{
	if (is_target())
		HIT_WITH_COOKIE(KPROBE_MULTI);
	return 0;
}

SEC("?fentry/security_task_getpgid")
int BPF_PROG(on_fentry)
{
	if (is_target())
		HIT_WITH_COOKIE(FENTRY);
	return 0;
}

SEC("?fexit/security_task_getpgid")
int BPF_PROG(on_fexit)
{
	if (is_target())
		HIT(FEXIT);
	return 0;
}

SEC("?fmod_ret/security_task_getpgid")
int BPF_PROG(on_fmod_ret, struct task_struct *task, int ret)
{
	if (is_target())
		HIT(FMOD_RET);
	return ret;
}

SEC("?lsm/task_getpgid")
int BPF_PROG(on_lsm, struct task_struct *task, int ret)
{
	if (is_target())
		HIT(LSM);
	return ret;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(on_tp_btf, struct pt_regs *regs, long id)
{
	if (is_target() && id == target_id)
		HIT(TP_BTF);
	return 0;
}

SEC("?raw_tp")
int on_raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	if (is_target() && ctx->args[1] == target_id)
		HIT(RAW_TP);
	return 0;
}

SEC("?tp")
int on_tracepoint(void *ctx)
{
	if (is_target())
		HIT_WITH_COOKIE(TRACEPOINT);
	return 0;
}

SEC("?uprobe")
int BPF_KPROBE(on_uprobe, int n)
{
	if (is_target()) {
		HIT_WITH_COOKIE(UPROBE);
		argument = n;
	}
	return 0;
}

SEC("?uretprobe")
int BPF_KRETPROBE(on_uretprobe, int n)
{
	if (is_target()) {
		HIT(UPROBE);
		argument = n;
	}
	return 0;
}

SEC("?uprobe.multi")
int on_uprobe_multi(struct pt_regs *ctx)
{
	if (is_target())
		HIT_WITH_COOKIE(UPROBE_MULTI);
	return 0;
}

SEC("?usdt")
int BPF_USDT(on_usdt, int n)
{
	if (is_target()) {
		HIT(USDT);
		argument = n;
		cookies[HOOK_USDT] = bpf_usdt_cookie(ctx);
	}
	return 0;
}

SEC("?perf_event")
int on_perf_event(struct bpf_perf_event_data *ctx)
{
	HIT_WITH_COOKIE(PERF_EVENT);
	return 0;
}
