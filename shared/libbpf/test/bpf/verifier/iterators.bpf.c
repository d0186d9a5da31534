#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

u64 total;

ACCEPTED
SEC("?raw_tp/sys_enter")
int by_iterator(void *ctx)
{
	int i;

	bpf_for(i, 0, 1000000)
		total += i;
	return 0;
}
