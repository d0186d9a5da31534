// SPDX-License-Identifier: (MIT OR GPL-2.0)
#pragma once

// What a user gets to read: 15 letters and a final NUL.
struct message {
	char text[16];
};

struct event {
	__u32 pid;
	__u32 uid;
	char comm[16];
	struct message message;
};
