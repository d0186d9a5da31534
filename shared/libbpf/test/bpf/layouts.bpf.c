// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// One variable for each way C lays data out; clang writes their bytes into .data.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

enum tiny { TINY_A = -1, TINY_B = 7 } __attribute__((packed));
enum mode { MODE_OFF, MODE_ON = 5, MODE_TOP = 0x7fffffff };
enum wide : unsigned long { WIDE_LOW = 1, WIDE_HIGH = 0xffffffff00000001 };
enum far : long { FAR_MINUS = -0x100000000 };
enum cut : __u64 { CUT_HIGH = 0x500000001 }; // clang 19 cuts it, since __u64 is a typedef

typedef __u32 id_t_;
typedef id_t_ session_t;
typedef const volatile session_t aliased_t;
typedef __u64 nanoseconds __attribute__((btf_decl_tag("ts:number")));

struct inner {
	__u16 port;
	__u8 mac[6];
};

typedef struct {
	__s8 low;
	__s64 high;
} pair;

struct scalars {
	__u8 u8;
	__s8 s8;
	__u16 u16;
	__s16 s16;
	__u32 u32;
	__s32 s32;
	__u64 u64;
	__s64 s64;
	unsigned __int128 u128;
	__int128 s128;
	bool yes;
	bool no;
	char letter;
	float real;
	double precise;
	void *pointer;
	aliased_t alias;
	nanoseconds ns;
	__u64 tagged __attribute__((btf_decl_tag("ts:number")));
};

struct enums {
	enum tiny tiny;
	enum mode mode;
	enum wide wide;
	enum far far;
	enum cut cut;
	enum { UNNAMED_ZERO, UNNAMED_ONE } unnamed;
};

struct arrays {
	char text[16];
	char short_text[5];
	unsigned char raw[4];
	signed char levels[3];
	__u32 grid[2][3];
	__u64 totals[2];
	char names[2][8];
	struct inner inners[2];
	enum mode modes[2];
	bool flags[3];
	void *pointers[2];
	float reals[2];
};

struct bits {
	__u32 a : 1;
	__u32 b : 3;
	__s32 c : 4;
	__u32 : 5;
	__u32 d : 19;
	__u64 e : 40;
	__s64 f : 24;
	bool g : 1;
	enum mode h : 31;
	__u8 i : 7;
};

struct nested {
	struct inner inner;
	pair pair;
	struct {
		__u32 x;
		__u32 y;
	};
	struct {
		__u8 depth;
	} unnamed;
	union {
		__u32 v4;
		__u8 v6[16];
		struct {
			__u16 high;
			__u16 low;
		};
	};
	union value {
		__u64 number;
		char text[8];
		struct inner inner;
	} value;
};

struct __attribute__((packed)) packed {
	__u8 tag;
	__u64 value;
	__u16 tail;
};

struct record {
	__u32 length;
	__u16 kind;
	char payload[];
};

struct scalars scalars = {
	.u8 = 200, .s8 = -100, .u16 = 60000, .s16 = -30000, .u32 = 4000000000, .s32 = -2000000000,
	.u64 = 0xfedcba9876543210, .s64 = -0x7edcba9876543210,
	.u128 = ((unsigned __int128)1 << 127) + 5, .s128 = -5, .yes = true, .no = false,
	.letter = 'x', .real = 1.5, .precise = -2.25, .pointer = (void *)0xffff888000000000,
	.alias = 42, .ns = 9007199254740991, .tagged = 0x100000001,
};
struct enums enums = { TINY_A, MODE_ON, WIDE_HIGH, FAR_MINUS, CUT_HIGH, UNNAMED_ONE };
struct arrays arrays = {
	.text = "h\xc3\xa9llo", .short_text = { 'f', 'i', 'v', 'e', '5' }, .raw = { 1, 0, 255, 3 },
	.levels = { -1, 0, 1 }, .grid = { { 1, 2, 3 }, { 4, 5, 6 } }, .totals = { 1, 0xffffffffffffffff },
	.names = { "eth0", "lo" }, .inners = { { 80, { 1, 2, 3, 4, 5, 6 } }, { 443, {} } },
	.modes = { MODE_ON, MODE_TOP }, .flags = { true, false, true },
	.pointers = { (void *)1, (void *)2 }, .reals = { 0.5, -0.5 },
};
struct bits bits = { .a = 1, .b = 5, .c = -3, .d = 300000, .e = 0xabcdef0123, .f = -2, .g = true,
		     .h = MODE_ON, .i = 99 };
struct nested nested = {
	.inner = { 8080, { 10, 11, 12, 13, 14, 15 } }, .pair = { -1, -2 }, .x = 7, .y = 8,
	.unnamed = { 3 }, .v6 = { 127, 0, 0, 1, 5 }, .value = { .text = "abc" },
};
struct packed packed = { 1, 0x1122334455667788, 0x9900 };
union value free_union = { .number = 258 };
struct record *record_type; // Keeps the type: a flexible array cannot be a variable of its own.

char LICENSE[] SEC("license") = "Dual BSD/GPL";
