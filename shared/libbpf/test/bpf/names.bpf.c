// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Names that mean something in TypeScript, or the same name twice.
typedef unsigned char __u8;
typedef unsigned short __u16, __be16, __sum16;
typedef short __s16;
typedef unsigned int __u32, __be32, __wsum;
typedef int __s32;
typedef unsigned long long __u64, __be64;
typedef long long __s64;
#include <bpf/bpf_helpers.h>

struct string { __u32 length; };
enum number { number_one = 1 };
struct Codec { __u32 size; };
struct view { struct string at; };
struct names { enum number number; };
struct twin { __u32 one; };
typedef struct { __u64 other; } twin;

struct class {
	__u32 new;
	__u32 delete_;
	__u32 constructor;
	__u32 __proto__;
	__u32 await;
	__u32 value;
	struct string string;
	enum number number;
	struct Codec codec;
	struct view view;
	struct twin twin;
	twin other_twin;
};

struct {
	__uint(type, 2 /* array */);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct class);
} default_ SEC(".maps");

struct {
	__uint(type, 27 /* ringbuf */);
	__uint(max_entries, 4096);
} untyped SEC(".maps");

struct class class = { .new = 1, .__proto__ = 2, .await = 3, .value = 4, .string = { 5 },
		       .number = number_one, .twin = { 6 }, .other_twin = { 7 } };
struct names names;
__u32 interface, module;

SEC("syscall")
int function(void *ctx)
{
	return class.new + names.number + interface + module;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
