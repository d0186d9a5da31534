#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "GPL";

/* What bpf_for() of newer libbpf headers expands to. */
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __weak __ksym;

u64 total;

ACCEPTED
SEC("?raw_tp/sys_enter")
int by_iterator(void *ctx)
{
	struct bpf_iter_num it;
	int *i;

	bpf_iter_num_new(&it, 0, 1000000);
	while ((i = bpf_iter_num_next(&it)))
		total += *i;
	bpf_iter_num_destroy(&it);
	return 0;
}

REJECTED("iterator")
SEC("?raw_tp/sys_enter")
int unfinished_iterator(void *ctx)
{
	struct bpf_iter_num it;
	int *i = bpf_iter_num_next(&it);

	return i ? *i : 0;
}

REJECTED("reference-leak")
SEC("?raw_tp/sys_enter")
int iterator_without_end(void *ctx)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	return 0;
}
