// SPDX-License-Identifier: (MIT OR GPL-2.0)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 hits = 0;
struct {
	__u32 pid;
	__s64 degrees;
	__s64 minutes;
} seen;

/*
 * Runs when any process comes by a probe that the author of a program put into it. It
 * gets the probe's arguments: a note in the file says where they are at that moment.
 * It returns 0 to keep the event from perf, 1 to let perf have it.
 */
SEC("usdt")
int BPF_USDT(on_baked, long degrees, long minutes)
{
	hits++;
	seen.pid = bpf_get_current_pid_tgid() >> 32;
	seen.degrees = degrees;
	seen.minutes = minutes;
	return 0;
}
