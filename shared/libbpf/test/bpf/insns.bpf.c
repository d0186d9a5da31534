/* Thousands of instructions of every kind that clang makes, to compare disassemblers on. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} cells SEC(".maps");

u64 state[64];
s8 small[64];
s16 medium[64];
s32 large[64];
volatile u32 seed;

/* Signed division came with version 4 of the instruction set. */
#if __BPF_CPU_VERSION__ >= 4
#define DIVIDE(a, b) ((a) / (b))
#else
#define DIVIDE(a, b) ((s32)((u32)(a) / (u32)(b)))
#endif

static __noinline u64 mix(u64 a, u64 b)
{
	return (a ^ (b << 7)) * 0x9e3779b97f4a7c15ull + (b >> 3);
}

/* One round of everything: 64- and 32-bit arithmetic, signed and not, shifts, loads and stores of each width. */
#define ROUND(n)                                                                       \
	do {                                                                           \
		u64 a = state[(n) & 63], b = state[((n) * 7 + 3) & 63];                \
		u32 w = (u32)a + 0x1234##n, v = (u32)(b >> 32);                        \
		s64 s = (s64)(a - b) >> ((n) & 31);                                    \
		a = a * (n + 3) + (b | 0xff00ff00ff00ff00ull) - (a & ~b);              \
		b = mix(a % (n + 17), b / (v + 1));                                    \
		w ^= v << ((n) & 15);                                                  \
		v = (w * 31) % (v | 1);                                                \
		if ((s64)a < s || (w > v && v != n))                                   \
			state[((n) + 1) & 63] = a ^ w;                                 \
		else if ((s32)w >= (s32)v || (a & 0x40))                               \
			state[((n) + 2) & 63] = -b;                                    \
		small[(n) & 63] = (s8)w;                                               \
		medium[(n) & 63] = (s16)(small[((n) + 1) & 63] * (s16)v);              \
		large[(n) & 63] = medium[((n) + 5) & 63] - DIVIDE((s32)w, (s32)(v | 1)); \
		state[((n) + 9) & 63] += __builtin_bswap64(a) + __builtin_bswap32(w) + \
					 __builtin_bswap16((u16)v) + s;                \
		__sync_fetch_and_add(&state[((n) + 11) & 63], a);                      \
		seed = w;                                                              \
	} while (0)

#define ROUNDS(n) ROUND(n##1); ROUND(n##2); ROUND(n##3); ROUND(n##4); ROUND(n##5); ROUND(n##6)

SEC("raw_tp/sys_enter")
int rounds(void *ctx)
{
	ROUNDS(1);
	ROUNDS(2);
	ROUNDS(3);
	ROUNDS(4);
	ROUNDS(5);
	ROUNDS(6);
	ROUNDS(7);
	return 0;
}

SEC("raw_tp/sys_enter")
int atomics(void *ctx)
{
	u64 old = __sync_fetch_and_or(&state[1], 5);
	u32 key = old & 15;
	u64 *cell = bpf_map_lookup_elem(&cells, &key);

	old += __sync_fetch_and_xor(&state[2], old);
	old += __sync_fetch_and_and(&state[3], old);
	old += __sync_lock_test_and_set(&state[4], old);
	old += __sync_val_compare_and_swap(&state[5], old, 7);
	old += __sync_fetch_and_add((u32 *)&state[6], (u32)old);
	old += __sync_lock_test_and_set((u32 *)&state[7], (u32)old);
	old += __sync_val_compare_and_swap((u32 *)&state[8], (u32)old, 7);
	if (cell)
		__sync_fetch_and_add(cell, old);
	return 0;
}

SEC("socket")
int packet(struct __sk_buff *skb)
{
	unsigned long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");
	unsigned long long load_half(void *skb, unsigned long long off) asm("llvm.bpf.load.half");
	unsigned long long load_word(void *skb, unsigned long long off) asm("llvm.bpf.load.word");

	return load_byte(skb, 23) + load_half(skb, 12) + load_word(skb, load_byte(skb, 14) & 15);
}
