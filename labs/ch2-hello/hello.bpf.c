// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// ksyscall/ is a kprobe whose function libbpf looks up: __x64_sys_execve on
// x86-64, __arm64_sys_execve on arm64.
SEC("ksyscall/execve")
int hello(void *ctx)
{
	bpf_printk("hello world");
	return 0;
}
