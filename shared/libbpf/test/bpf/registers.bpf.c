// Reads an argument from the registers of the architecture that it is compiled for, without vmlinux.h of either.
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32, __wsum;

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#if defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31], sp, pc, pstate;
};
#define REGISTERS struct user_pt_regs
#define FIRST_ARGUMENT regs[0]
#else
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
		flags, sp, ss;
};
#define REGISTERS struct pt_regs
#define FIRST_ARGUMENT di
#endif

SEC("kprobe")
int first_argument(REGISTERS *ctx)
{
	return ctx->FIRST_ARGUMENT;
}
