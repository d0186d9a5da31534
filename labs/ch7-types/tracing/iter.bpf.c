// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u32 only_thread = 0; // the first one of a process has its pid

/*
 * Runs when user space reads it: once for each open file of each process here, and
 * once more at the end, with nothing. It gets the process and the file, with types,
 * and writes what user space reads. 0 goes on to the next, 1 does it again.
 */
SEC("iter/task_file")
int each_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file || task->pid != only_thread)
		return 0;

	BPF_SEQ_PRINTF(ctx->meta->seq, "%d %s\n", ctx->fd, file->f_path.dentry->d_name.name);
	return 0;
}
