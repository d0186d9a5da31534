// SPDX-License-Identifier: (MIT OR GPL-2.0)
// A doorbell: the loader's thread calls kill(number, 0). Signal 0 is never sent, so
// nothing happens, except that the programs on this system call see the number.
#pragma once

const volatile __u32 ringer = 0; // id of the thread whose calls count

static __always_inline bool is_doorbell(struct trace_event_raw_sys_enter *ctx)
{
	return (__u32)bpf_get_current_pid_tgid() == ringer && ctx->args[1] == 0;
}
