#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Proprietary";

REJECTED("gpl-only")
SEC("?raw_tp/sys_enter")
int gpl_only(void *ctx)
{
	bpf_printk("hello");
	return 0;
}
