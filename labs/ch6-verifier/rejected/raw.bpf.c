// SPDX-License-Identifier: (MIT OR GPL-2.0)
// Instructions that clang would not write: it drops dead code, and knows the opcodes.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "rejected.h"

// The body is these instructions and no others.
#define NAKED __attribute__((naked))

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("?xdp")
MISTAKE("has an instruction that nothing can reach")
REJECTED("unreachable-instruction", "unreachable insn 2")
NAKED int unreachable_instruction(void)
{
	asm volatile("r0 = 2;"
		     "exit;"
		     "r0 = 1;"
		     "exit;");
}

SEC("?xdp")
NAKED int unreachable_instruction_fixed(void)
{
	asm volatile("r0 = 2;"
		     "if r1 != 0 goto +1;"
		     "r0 = 1;"
		     "exit;");
}

// No instruction has the opcode 0xff. A slot is 8 bytes: the opcode comes first.
SEC("?xdp")
MISTAKE("has an instruction that does not exist")
REJECTED("invalid-instruction", "unknown opcode ff")
NAKED int invalid_instruction(void)
{
	asm volatile(".8byte 0xff;"
		     "r0 = 2;"
		     "exit;");
}

// 0xb7 is `dst = number`; the upper 4 bytes are the number: r0 = 2.
SEC("?xdp")
NAKED int invalid_instruction_fixed(void)
{
	asm volatile(".8byte 0x2000000b7;"
		     "exit;");
}

// A jump counts from the instruction after it, and there are only three.
SEC("?xdp")
MISTAKE("jumps past its own end")
REJECTED("invalid-jump", "jump out of range from insn 0 to 3")
NAKED int jump_out_of_range(void)
{
	asm volatile("goto +2;"
		     "r0 = 2;"
		     "exit;");
}

SEC("?xdp")
NAKED int jump_out_of_range_fixed(void)
{
	asm volatile("goto +0;"
		     "r0 = 2;"
		     "exit;");
}
