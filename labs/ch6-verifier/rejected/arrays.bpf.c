// SPDX-License-Identifier: (MIT OR GPL-2.0)
// One too far: `<=` where `<` belongs.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

u32 c = 1; // any value, for all the verifier knows
char message[12] = "Hello World";

SEC("?raw_tp/sys_enter")
MISTAKE("reads one past the end of a global array")
REJECTED("map-value-bounds", "invalid access to map value, value_size={} off={} size=1")
int global_off_by_one(struct bpf_raw_tracepoint_args *ctx)
{
	if (c <= sizeof(message)) {
		char a = message[c]; // <- here

		bpf_printk("%c", a);
	}
	return 0;
}

SEC("?raw_tp/sys_enter")
int global_off_by_one_fixed(struct bpf_raw_tracepoint_args *ctx)
{
	if (c < sizeof(message)) {
		char a = message[c];

		bpf_printk("%c", a);
	}
	return 0;
}

SEC("?raw_tp/sys_enter")
MISTAKE("reads one past the end of an array on the stack")
REJECTED("stack-bounds",
	 "invalid variable-offset read from stack R{} | variable stack access var_off={}")
int stack_off_by_one(struct bpf_raw_tracepoint_args *ctx)
{
	char command[16];

	bpf_get_current_comm(command, sizeof(command));
	if (c <= sizeof(command))
		bpf_printk("%c", command[c]); // <- here
	return 0;
}

// Before 5.12 the verifier knows no variable offset into the stack.
SEC("?raw_tp/sys_enter")
SINCE("5.12")
int stack_off_by_one_fixed(struct bpf_raw_tracepoint_args *ctx)
{
	char command[16];

	bpf_get_current_comm(command, sizeof(command));
	if (c < sizeof(command))
		bpf_printk("%c", command[c]);
	return 0;
}
